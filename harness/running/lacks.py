"""What else a failed run has not, beside what it failed on: all of it at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.missing.having import Having, answered, lacked_by
from harness.missing.lacking import lacking
from harness.missing.refused import refused_tables
from harness.missing.seeds import lacking_seeds
from harness.missing.service import unsupported
from harness.missing.want import unset, wants
from harness.project.unset import unset_error, unset_variables
from harness.running.block_run import COMPLETED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from harness.problem import Problem
    from harness.project.model import Pipeline, Project
    from harness.running.result import PipelineRun
    from harness.running.runner import RunRequest
    from harness.services.http import RecordedHttp
    from harness.services.protocol import Sink
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
    held: Callable[[], Iterable[Sink]],
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
        held: What the services hold; asked of a run that failed only.
    """
    if run.ok:
        return run
    having = Having(
        variables=frozenset(request.env),
        secrets=frozenset(settings.secrets),
        profiles=frozenset(settings.profiles),
        urls=http.answered(),
        refused=answered(one.url for one in http.requests() if one.kind == "unrecorded"),
        lacks=lacked_by(None if settings.provider == "docker" else Path(request.mage[0])),
    )
    done = {block.uuid for block in run.blocks if block.status == COMPLETED}
    only = request.asked.only
    left = [
        want
        for want in wants(project, pipeline, environ=request.env)
        if want.block not in done and (only is None or want.block in only)
    ]
    blocks = {block.uuid for block in pipeline.blocks if only is None or block.uuid in only}
    seeds = lacking_seeds(
        project,
        pipeline,
        blocks=blocks - done,
        held=[(sink.service, sink.name) for sink in held()],
        environ=request.env,
    )
    seeds += refused_tables(run.problems, told=seeds)
    accepted = settings.accept.get(run.pipeline, ())
    found = [
        problem
        for problem in (*lacking(left, having, pipeline=run.pipeline), *seeds)
        if problem.code not in accepted and not _is_told(problem, run.problems)
    ]
    return replace(run, problems=(*run.problems, *found))


def foretold(project: Project, pipeline: Pipeline) -> list[str]:
    """A line for each server that a pipeline asks for and no run has, before it runs.

    Args:
        project: The project.
        pipeline: The pipeline.
    """
    places: dict[str, list[str]] = {}
    for want in wants(project, pipeline):
        if want.kind == "service":
            places.setdefault(want.name, []).append(f"{want.file}:{want.line}")
    return [
        f"{', '.join(dict.fromkeys(places[name]))}: {unsupported(name)}"
        for name in places
        if unsupported(name)
    ]


def awaited(
    project: Project,
    pipeline: Pipeline,
    *,
    held: Callable[[], Iterable[Sink]],
    environ: Mapping[str, str],
) -> list[str]:
    """A line for what each sensor waits for and nobody has put there: it waits until its deadline.

    Args:
        project: The project.
        pipeline: The pipeline.
        held: What the services hold; asked where there are sensors only.
        environ: The variables that the run has.
    """
    sensors = {block.uuid for block in pipeline.blocks if block.type == "sensor"}
    if not sensors:
        return []
    found = lacking_seeds(
        project,
        pipeline,
        blocks=sensors,
        held=[(sink.service, sink.name) for sink in held()],
        environ=environ,
    )
    return [
        f"the sensor {one.block} may wait until the deadline: {one.message} ({one.file}:{one.line})"
        for one in found
    ]


def unset_note(project: Project, pipeline: Pipeline, *, variables: Collection[str]) -> str:
    """A line on the variables that a pipeline asks for by ``os.getenv`` and gets None; or none.

    Args:
        project: The project.
        pipeline: The pipeline.
        variables: The names of the variables that its run has.
    """
    shown = [
        f"{use.name} ({use.place})" for use in unset(project, pipeline) if use.name not in variables
    ]
    if not shown:
        return ""
    table = "[tool.mage-harness.env]"
    return f"not set, so that the blocks get None: {', '.join(shown)}; {table} may set them"


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
        profiles=frozenset(settings.profiles),
        urls=stack.http.answered(),
        lacks=lacked_by(None),
    )
    also = lacking(wants(project, pipeline), having, pipeline=pipeline.uuid)
    raise unset_error(pipeline.uuid, missing, also=also)


def _is_told(problem: Problem, problems: Collection[Problem]) -> bool:
    seed = problem.message.partition("fixtures/")[2].partition(",")[0]
    if problem.code == "missing-seed" and seed:
        # PostgreSQL's own error of a table that is not there says it too.
        return any(seed in one.message for one in problems)
    code = _TOLD.get(problem.code)
    return any(code == one.code and problem.block == one.block for one in problems)
