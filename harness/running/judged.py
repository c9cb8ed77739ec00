"""What a run was, with its problems: the verdict on it, and what the services have of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.project.lint import lint
from harness.running.folding import blocks_of
from harness.running.result import PipelineRun
from harness.running.verdict import Evidence, judge

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from harness.project.model import Pipeline, Project
    from harness.project.workspace import Workspace
    from harness.running.result import ProcessResult
    from harness.running.runner import RunRequest
    from harness.services.protocol import Sink
    from harness.services.stack import Stack


def judged(
    process: ProcessResult,
    *,
    request: RunRequest,
    pipeline: Pipeline,
    project: Project,
    workspace: Workspace,
    stack: Stack,
    before: Sequence[Sink] | None,
    accept: Collection[str],
) -> PipelineRun:
    """Judge a run that has ended.

    Args:
        process: The process of the run.
        request: What was asked of it.
        pipeline: The pipeline that it ran.
        project: The pipeline's project.
        workspace: The folders of the run.
        stack: The services that it had.
        before: What the services held before it; None where nobody looked, and then nobody looks
            at them after it either.
        accept: The codes of problems that are accepted.
    """
    blocks = blocks_of((one.uuid for one in pipeline.blocks), process.events)
    evidence = Evidence(
        project=project,
        pipeline=pipeline,
        process=process,
        blocks=blocks,
        lint=lint(project, pipelines=[pipeline.uuid]),
        incidents=stack.incidents(process.began),
        only_block=request.asked.block,
        skip_sensors="--skip-sensors" in request.asked.arguments,
    )
    sinks = () if before is None else tuple(one for one in stack.inventory() if one not in before)
    found = judge(evidence)
    return PipelineRun(
        pipeline=pipeline.uuid,
        blocks=blocks,
        problems=tuple(problem for problem in found if problem.code not in accept),
        accepted=tuple(problem for problem in found if problem.code in accept),
        process=process,
        variables_folder=workspace.data_dir
        / workspace.path.name
        / "pipelines"
        / pipeline.uuid
        / ".variables",
        sinks=sinks,
    )
