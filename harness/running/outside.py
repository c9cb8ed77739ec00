"""Files that a run wrote on this machine itself: at paths that are no folders of the run's own."""

from __future__ import annotations

import glob
import os
import re
import stat
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from harness.inspect.inspection import inspect
from harness.project.container_paths import ROOTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Pipeline, Project

_HOLE = re.compile(r"\{[^{}]*\}|%[sd]")
_MOST_FILES = 1_000
"""So many are looked at of a path with holes, or of a folder."""
_SHOWN = 5


def written_outside(project: Project, pipeline: Pipeline, *, since: float) -> list[str]:
    """A line that names the paths of this machine which a run wrote to, where it did.

    They are known by the pipeline's source, whatever library writes them; that a file is new is
    seen by its time.

    Args:
        project: The project.
        pipeline: The pipeline that ran on this machine.
        since: When the run began, in seconds since the epoch.
    """
    found = [
        path
        for pattern in _patterns(project, pipeline)
        for path in islice(Path("/").glob(pattern), _MOST_FILES)
        if _is_new(path, since=since)
    ]
    if not found:
        return []
    names = list(dict.fromkeys(map(str, found)))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return [
        f"written on this machine itself, outside of the run: {', '.join(names[:_SHOWN])}{more}"
    ]


def _patterns(project: Project, pipeline: Pipeline) -> Iterator[str]:
    """The absolute paths that are written to and no run has for itself, seen from the root."""
    for use in inspect(project, pipeline).sinks:
        if use.kind != "path" or not use.name.startswith("/") or use.name.startswith(ROOTS):
            continue
        parts = PurePosixPath(use.name).parts[1:]
        # A part that is all hole could be any file, and so somebody else's.
        if parts and all(_HOLE.sub("", part) for part in parts):
            yield "/".join("*".join(map(glob.escape, _HOLE.split(part))) for part in parts)


def _is_new(path: Path, *, since: float) -> bool:
    """Whether a file, or one in a folder, was written since a time."""
    if path.is_dir():
        if path.parent == path.parent.parent:
            # /tmp and its like are everybody's.
            return False
        inside = (
            Path(folder, name) for folder, _, names in os.walk(path) for name in sorted(names)
        )
        return any(_is_new(one, since=since) for one in islice(inside, _MOST_FILES))
    try:
        facts = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(facts.st_mode) and facts.st_mtime >= since
