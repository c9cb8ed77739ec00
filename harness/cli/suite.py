"""Several pipelines, one after the other, in one private world, with progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.cli.following import Following
from harness.problem import Problem
from harness.project.unsupported import unsupported
from harness.report.build import not_run_report, report_of
from harness.report.model import PipelineReport, RunReport
from harness.running.asked import Asked
from harness.running.variables import check_variables, known_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bundle.bundles import Bundles
    from harness.cli.page import CommandPage
    from harness.contracts.holding import Contracts
    from harness.report.terminal import RunProgress
    from harness.running.result import PipelineRun
    from harness.running.session import Session


def run_all(
    session: Session,
    steps: Sequence[str],
    *,
    variables: Mapping[str, Any],
    progress: RunProgress,
    entry: str | None = None,
    contracts: Contracts | None = None,
    page: CommandPage | None = None,
    bundles: Bundles | None = None,
) -> RunReport:
    """Run pipelines in order; one whose need has failed is not run, and says so.

    While one is judged, the next is begun where that can be (``Session.expecting``).

    Args:
        session: The session that runs them.
        steps: Pipelines by uuid, needs before those that need them.
        variables: Runtime variables; each pipeline gets those that it knows.
        progress: Shown what goes on.
        entry: By which entry all run; None for what each needs.
        contracts: What the runs are held to; None for nothing.
        page: What takes the runs for ``--report``; None for nothing.
        bundles: What makes bundles of the runs; None for none.

    Raises:
        InputError: A variable is known to none of the pipelines, or something else is not right.
        EnvironmentNotAbleError: Mage or a service cannot be started.
    """
    pipelines = [session.project.pipeline(uuid) for uuid in steps]
    check_variables(variables, project=session.project, pipelines=pipelines)
    if contracts is not None:
        contracts.read(steps)
    refused = {pipeline.uuid: tuple(unsupported(pipeline)) for pipeline in pipelines}
    for pipeline in pipelines:
        if not refused[pipeline.uuid]:
            session.check(pipeline.uuid)
    if bundles is not None:
        bundles.watch(session)
    lasting = session.expecting
    reports: dict[str, PipelineReport] = {}
    succeeded: set[str] = set()
    for pipeline in pipelines:
        if refused[pipeline.uuid]:
            reports[pipeline.uuid] = not_run_report(pipeline, *refused[pipeline.uuid])
            continue
        needs = session.settings.needs.get(pipeline.uuid, ())
        missing = [need for need in needs if need not in succeeded]
        if missing:
            reports[pipeline.uuid] = not_run_report(
                pipeline,
                Problem(
                    code="needs-failed",
                    message=f"it was not run, since it needs {', '.join(missing)}, which failed",
                    pipeline=pipeline.uuid,
                ),
            )
            continue
        progress.pipeline_started(pipeline.uuid, [block.uuid for block in pipeline.blocks])
        given = known_to(variables, project=session.project, pipeline=pipeline)
        session.expecting = lasting or pipeline is not pipelines[-1]
        run = session.run(
            pipeline.uuid,
            asked=Asked(variables=given, entry=entry, inventory=True),
            on_event=Following(progress),
        )
        progress.pipeline_ended(run.ok, run.seconds)
        _kept(session, run, given, page=page, bundles=bundles)
        held = contracts.hold(run, variables=given) if contracts is not None else None
        reports[pipeline.uuid] = report_of(run, contract=held)
        if run.ok:
            # Whether or not its contract holds: what it wrote is there to be read.
            succeeded.add(pipeline.uuid)
    session.expecting = lasting
    return RunReport(pipelines=tuple(reports.values()))


def _kept(
    session: Session,
    run: PipelineRun,
    variables: Mapping[str, Any],
    *,
    page: CommandPage | None,
    bundles: Bundles | None,
) -> None:
    """Take of a run what is to be kept, while it is there."""
    if page is not None:
        page.take(session, run, variables)
    if bundles is not None:
        bundles.ended(session, run)
