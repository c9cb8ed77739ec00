"""Several pipelines, one after the other, in one private world, with progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.problem import Problem
from harness.report.build import not_run_report, report_of
from harness.report.model import PipelineReport, RunReport
from harness.running.asked import Asked
from harness.running.folding import blocks_of
from harness.running.variables import check_variables, known_to

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from harness.contracts.holding import Contracts
    from harness.report.terminal import RunProgress
    from harness.running.session import Session


def run_all(
    session: Session,
    steps: Sequence[str],
    *,
    variables: Mapping[str, Any],
    progress: RunProgress,
    entry: str | None = None,
    contracts: Contracts | None = None,
) -> RunReport:
    """Run pipelines in order; one whose need has failed is not run, and says so.

    Args:
        session: The session that runs them.
        steps: Pipelines by uuid, needs before those that need them.
        variables: Runtime variables; each pipeline gets those that it knows.
        progress: Shown what goes on.
        entry: By which entry all run; None for what each needs.
        contracts: What the runs are held to; None for nothing.

    Raises:
        InputError: A variable is known to none of the pipelines, or something else is not right.
        EnvironmentNotAbleError: Mage or a service cannot be started.
    """
    pipelines = [session.project.pipeline(uuid) for uuid in steps]
    check_variables(variables, project=session.project, pipelines=pipelines)
    if contracts is not None:
        contracts.read(steps)
    for pipeline in pipelines:
        session.check(pipeline.uuid)
    reports: dict[str, PipelineReport] = {}
    succeeded: set[str] = set()
    for pipeline in pipelines:
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
        run = session.run(
            pipeline.uuid,
            asked=Asked(variables=given, entry=entry, inventory=True),
            on_event=_follow(progress),
        )
        progress.pipeline_ended(run.ok, run.seconds)
        held = contracts.hold(run, variables=given) if contracts is not None else None
        reports[pipeline.uuid] = report_of(run, contract=held)
        if run.ok:
            # Whether or not its contract holds: what it wrote is there to be read.
            succeeded.add(pipeline.uuid)
    return RunReport(pipelines=tuple(reports.values()))


def _follow(progress: RunProgress) -> Callable[[Mapping[str, Any]], None]:
    """Show each block when it starts and when it ends, with the rows known by then."""
    events: list[Mapping[str, Any]] = []

    def on_event(event: Mapping[str, Any]) -> None:
        if "run" in event:
            # Of a pipeline that a block triggered.
            return
        events.append(event)
        if event["event"] == "block_start":
            progress.block_started(event["block"])
        elif event["event"] in ("block_end", "block_error"):
            (run,) = blocks_of([event["block"]], events)
            progress.block_ended(run.uuid, run.status, run.rows_in, run.rows_out, run.seconds)

    return on_event
