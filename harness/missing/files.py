"""Local files that a pipeline reads and that neither the repository nor the pipeline itself has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.project.container_paths import ROOTS
from harness.project.local_files import found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.inspect.model import Use
    from harness.project.model import Project

_HOLE = re.compile(r"\{[^{}]*\}|%[sd]")
# What a run takes from its settings instead.
_SETTINGS = re.compile(r"(?:^|[/\\])\.env[\w.]*$")
# Stood in for by a throw-away one.
_KEY = re.compile(r"(?i)(?:key|cred|secret|service|gcp|account)[^/\\]*\.(?:json|pem|p12)$")


def absent_files(project: Project, uses: Sequence[Use]) -> Iterator[str]:
    """The paths that are read, and where nothing is when a run begins.

    Left out are names that are only known while a block runs, what the pipeline itself writes, and
    keys.

    Args:
        project: The project.
        uses: What a pipeline's source names.
    """
    written = [_pattern(use.value or use.name) for use in uses if _is(use, "writes")]
    for use in uses:
        if not _is(use, "reads") or use.pattern or _KEY.search(use.name):
            continue
        if any(one.fullmatch(use.name) for one in written) or _SETTINGS.search(use.name):
            continue
        if not any(letter in use.name for letter in "*?~$") and found(project, use.name) is None:
            yield use.name


def where_to_put(path: str) -> str:
    """What to do about a file that is not there.

    Args:
        path: As the source names it.
    """
    root = next((one for one in ROOTS if path.startswith(f"{one}/")), None)
    if root is not None:
        rest = path.removeprefix(f"{root}/")
        return f"put it into the folder above the project, as {rest}"
    if re.match(r"[A-Za-z]:[/\\]", path):
        ending = "/".join(re.split(r"[/\\]", path)[-2:])
        return f"put it into the project, as {ending}"
    if path.startswith("/"):
        return "put it there, or under /home/src in the source, which is the run's own"
    return f"put it into the project, as {path}"


def _is(use: Use, access: str) -> bool:
    return use.kind == "path" and use.access == access


def _pattern(name: str) -> re.Pattern[str]:
    """What is written: the path itself, and what lies within it."""
    return re.compile(".+".join(map(re.escape, _HOLE.split(name))) + r"(?:/.*)?")
