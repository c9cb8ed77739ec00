"""What can be seen before a run: what `mage run` would pass over in silence or stop at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.problem import Problem
from harness.project.lint.configuration import configuration_problems
from harness.project.lint.dbt import dbt_problems
from harness.project.lint.edges import edge_problems
from harness.project.lint.shared import shared_problems
from harness.project.lint.source import source_problems
from harness.project.lint.sql import sql_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.project.model import Pipeline, Project

__all__ = ["lint"]


def lint(project: Project, pipelines: Iterable[str] | None = None) -> list[Problem]:
    """Look at pipelines without running them.

    Args:
        project: The project.
        pipelines: The uuids to look at; all if not given.

    Returns:
        The problems in the order of pipeline, file and line. Each message says what Mage does and
        what to change.

    Raises:
        ProjectError: A pipeline that was named does not exist or cannot be read.
    """
    if pipelines is None:
        chosen = list(project.pipelines)
        found = [
            Problem(
                code="metadata-unreadable",
                message=f"{broken.error.symptom}. {broken.error.remedy or broken.error.cause}.",
                pipeline=broken.uuid,
                file=str(broken.metadata),
                line=broken.line,
            )
            for broken in project.unreadable
        ]
    else:
        chosen, found = [project.pipeline(uuid) for uuid in pipelines], []
    for pipeline in chosen:
        found.extend(_of_pipeline(project, pipeline))
    return sorted(found, key=_place)


def _of_pipeline(project: Project, pipeline: Pipeline) -> Iterator[Problem]:
    yield from configuration_problems(pipeline)
    yield from edge_problems(pipeline)
    yield from dbt_problems(project, pipeline)
    for block in (*pipeline.blocks, *pipeline.callbacks, *pipeline.conditionals):
        yield from source_problems(project, pipeline, block)
    yield from shared_problems(project, pipeline)
    yield from sql_problems(project, pipeline)


def _place(problem: Problem) -> tuple[str, str, int, str]:
    return (problem.pipeline, problem.file, problem.line or 0, problem.code)
