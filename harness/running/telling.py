"""All that the reader of a run is told beside the verdict on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.running.notes import generated, notes
from harness.running.outside import written_outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Pipeline, Project
    from harness.running.result import PipelineRun
    from harness.services.stack import Stack
    from harness.settings import Settings


def notes_of(
    run: PipelineRun, *, project: Project, pipeline: Pipeline, stack: Stack, settings: Settings
) -> Iterator[str]:
    """The notes on a run, a line each.

    Args:
        run: The run, judged.
        project: The pipeline's project.
        pipeline: The pipeline that it ran.
        stack: The services that it had.
        settings: Where it ran.
    """
    process = run.process
    yield from notes(process.events)
    yield from stack.told(process.began)
    yield from generated(stack.http.requests(), since=process.began)
    if settings.provider != "docker":
        yield from written_outside(project, pipeline, since=process.began)
    yield from (f"accepted by the settings: {problem}" for problem in run.accepted)
