"""Which pipelines run, and in which order."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.project.model import Project


def plan(
    project: Project, wanted: Sequence[str], needs: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """The pipelines to run: those that are wanted and what they need, needs first.

    Args:
        project: The project that they belong to.
        wanted: Pipelines by uuid, in the order of the user; empty for all of the project.
        needs: For a pipeline, those that must have run before it.

    Raises:
        ProjectError: A pipeline does not exist, or all are wanted and one cannot be read.
        InputError: The needs form a circle, or the project has no pipeline.
    """
    if not wanted and project.unreadable:
        raise project.unreadable[0].error
    if not project.pipelines:
        raise InputError(
            f"the project {project.name} has no pipelines",
            evidence=[f"looked for pipelines/*/metadata.yaml in {project.path}"],
            remedy="name another project with --project",
        )
    first = list(dict.fromkeys(wanted)) or [pipeline.uuid for pipeline in project.pipelines]
    sorter: TopologicalSorter[str] = TopologicalSorter()
    waiting = list(first)
    seen = set()
    while waiting:
        uuid = waiting.pop(0)
        if uuid in seen:
            continue
        seen.add(uuid)
        project.pipeline(uuid)
        sorter.add(uuid, *needs.get(uuid, ()))
        waiting.extend(needs.get(uuid, ()))
    try:
        sorter.prepare()
    except CycleError as error:
        raise InputError(
            "pipelines need each other in a circle",
            evidence=[" > ".join(error.args[1])],
            remedy="mend [tool.mage-harness.needs]",
        ) from error
    order: list[str] = []
    while sorter.is_active():
        # Of those that may run now, the user's order decides.
        ready = sorted(sorter.get_ready(), key=lambda uuid: _place(uuid, first))
        order.extend(ready)
        sorter.done(*ready)
    return tuple(order)


def _place(uuid: str, first: Sequence[str]) -> tuple[int, str]:
    return (first.index(uuid) if uuid in first else -1, uuid)
