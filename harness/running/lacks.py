"""What else a failed run has not, beside what it failed on: all of it at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.missing.having import Having, answered, lacked_by
from harness.missing.lacking import lacking
from harness.missing.want import wants
from harness.project.unset import unset_error, unset_variables
from harness.running.block_run import COMPLETED

if TYPE_CHECKING:
    from collections.abc import Collection

    from harness.problem import Problem
    from harness.project.model import Pipeline, Project
    from harness.running.result import PipelineRun
    from harness.running.runner import RunRequest
    from harness.services.http import RecordedHttp
    from harness.services.stack import Stack
    from harness.settings import Settings

_TOLD = {"missing-secret": "secret-unset"}
"""What the run itself tells of, where a block asked for it."""


def with_lacks(
    run: PipelineRun,
    *,
    request: RunRequest,
    project: Project,
    pipeline: Pipeline,
    settings: Settings,
    http: RecordedHttp,
) -> PipelineRun:
    """A failed run with what the blocks lack that did not complete, as further problems.

    A run stops at the first thing that it lacks; what the blocks after it would stop at is seen in
    their source.

    Args:
        run: The run; one that is a success is given back as it is.
        request: What was asked of it.
        project: The pipeline's project.
        pipeline: The pipeline that it ran.
        settings: With the secrets, and the codes that are accepted.
        http: What answered over HTTP.
    """
    if run.ok:
        return run
    having = Having(
        variables=frozenset(request.env),
        secrets=frozenset(settings.secrets),
        urls=http.answered(),
        refused=answered(one.url for one in http.requests() if one.kind == "unrecorded"),
        lacks=lacked_by(None if settings.provider == "docker" else Path(request.mage[0])),
    )
    done = {block.uuid for block in run.blocks if block.status == COMPLETED}
    only = request.asked.block
    left = [
        want
        for want in wants(project, pipeline)
        if want.block not in done and only in (None, want.block)
    ]
    accepted = settings.accept.get(run.pipeline, ())
    found = [
        problem
        for problem in lacking(left, having, pipeline=run.pipeline)
        if problem.code not in accepted and not _is_told(problem, run.problems)
    ]
    return replace(run, problems=(*run.problems, *found))


def require_variables(
    project: Project,
    pipeline: Pipeline,
    *,
    variables: Collection[str],
    settings: Settings,
    stack: Stack,
) -> None:
    """See that each variable is set that a pipeline's profiles of io_config.yaml ask for.

    Args:
        project: The project.
        pipeline: The pipeline.
        variables: The names of the variables that a run has.
        settings: With the secrets.
        stack: The services, started.

    Raises:
        InputError: One is not; it tells all else that the source asks for and no run would have,
            but packages.
    """
    # Mage renders env_var of a variable that is not set as the text "None", and goes on.
    missing = unset_variables(
        project,
        pipeline,
        overlaid=stack.overlay(),
        environment=variables,
        secrets=settings.secrets,
    )
    if not missing:
        return
    having = Having(
        variables=frozenset(variables),
        secrets=frozenset(settings.secrets),
        urls=stack.http.answered(),
        lacks=lacked_by(None),
    )
    also = lacking(wants(project, pipeline), having, pipeline=pipeline.uuid)
    raise unset_error(pipeline.uuid, missing, also=also)


def _is_told(problem: Problem, problems: Collection[Problem]) -> bool:
    code = _TOLD.get(problem.code)
    return any(code == one.code and problem.block == one.block for one in problems)
