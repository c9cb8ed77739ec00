"""What was seen in pipelines' source, for as long as it is the same source."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.inspect.asked import asking, unchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from harness.inspect.model import Inspection
    from harness.project.model import Pipeline, Project

Key = tuple["Path", str, frozenset[tuple[str, str]]]


@dataclass(frozen=True, kw_only=True)
class _Kept:
    project: Project
    found: Inspection
    asked: Mapping[Path, bytes]


class Inspections:
    """What was seen, with each file that was asked for and what it answered.

    Those of pipelines with dbt blocks are not kept: dbt's projects have files without number.
    """

    def __init__(self) -> None:
        self._kept: dict[Key, _Kept] = {}

    def of(
        self, key: Key, project: Project, pipeline: Pipeline, look: Callable[[], Inspection]
    ) -> Inspection:
        """What is seen now.

        Args:
            key: What tells the look from others.
            project: The project; one that was read again is another.
            pipeline: The pipeline.
            look: Looks at its source.
        """
        kept = self._kept.get(key)
        if kept is not None and kept.project is project and unchanged(kept.asked):
            return kept.found
        with asking() as asked:
            found = look()
        if not any(block.type == "dbt" for block in pipeline.blocks):
            self._kept[key] = _Kept(project=project, found=found, asked=asked)
        return found


_ONCE: ContextVar[tuple[dict[Key, Inspection], Inspections] | None] = ContextVar(
    "inspections", default=None
)


@contextmanager
def looked_once(kept: Inspections | None = None) -> Iterator[None]:
    """Within, each pipeline's source is looked at once, however often it is asked for.

    It holds for one thread, and for as long as the source may be taken for unchanged: a run.

    Args:
        kept: What the same session has seen before; nothing if not given.
    """
    before = _ONCE.set(({}, kept or Inspections()))
    try:
        yield
    finally:
        _ONCE.reset(before)


def once(
    key: Key, project: Project, pipeline: Pipeline, look: Callable[[], Inspection]
) -> Inspection:
    """What is seen in a pipeline's source, looked at once within ``looked_once``.

    Args:
        key: What tells the look from others.
        project: The project.
        pipeline: The pipeline.
        look: Looks at it.
    """
    within = _ONCE.get()
    if within is None:
        return look()
    known, kept = within
    if key not in known:
        known[key] = kept.of(key, project, pipeline, look)
    return known[key]
