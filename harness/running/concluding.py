"""A run that has ended, with all that is wrong with it: the verdict, and what the run lacked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.running.judged import judged
from harness.running.lacks import with_lacks
from harness.running.unfed import with_unfed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.project.model import Pipeline, Project
    from harness.project.workspace import Workspace
    from harness.running.entry.choice import Choice
    from harness.running.result import PipelineRun, ProcessResult
    from harness.running.runner import RunRequest
    from harness.services.protocol import Sink
    from harness.services.stack import Stack
    from harness.settings import Settings


def concluded(
    process: ProcessResult,
    *,
    request: RunRequest,
    choice: Choice,
    pipeline: Pipeline,
    project: Project,
    workspace: Workspace,
    stack: Stack,
    settings: Settings,
    before: Sequence[Sink] | None,
) -> PipelineRun:
    """Judge a run, and say what it lacked.

    Args:
        process: The process of the run.
        request: What was asked of it.
        choice: By which entry it ran.
        pipeline: The pipeline that it ran.
        project: The pipeline's project.
        workspace: The folders of the run.
        stack: The services that it had.
        settings: What of the problems is accepted.
        before: What the services held before it; None where nobody looked, and then nobody looks
            at them after it either.
    """
    run = judged(
        process,
        request=request,
        choice=choice,
        pipeline=pipeline,
        project=project,
        workspace=workspace,
        stack=stack,
        before=before,
        accept=settings.accept,
    )
    run = with_unfed(
        run,
        project=project,
        pipeline=pipeline,
        environ=request.env,
        accepted=settings.accept.get(pipeline.uuid, ()),
    )
    return with_lacks(
        run,
        request=request,
        project=project,
        pipeline=pipeline,
        settings=settings,
        http=stack.http,
        held=stack.inventory,
    )
