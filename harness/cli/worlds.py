"""Pipelines for contracts: each in a world of its own, emptied, after what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.cli.suite import run_all
from harness.contracts.holding import Contracts
from harness.contracts.writing import proposal_of
from harness.report.terminal import RunProgress, print_pipeline
from harness.running.plan import plan
from harness.running.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from harness.contracts.holding import Proposal
    from harness.report.model import PipelineReport
    from harness.settings import Settings


class _FailedError(Exception):
    """A run that no contract is made of."""

    def __init__(self, reports: Sequence[PipelineReport]) -> None:
        self.reports = reports
        super().__init__()


def drafted(
    console: Console,
    settings: Settings,
    pipelines: Sequence[str],
    *,
    variables: Mapping[str, Any],
    once: bool,
) -> tuple[list[PipelineReport], list[Proposal]]:
    """Run pipelines and draw up their contracts; a run that failed is shown, and makes none.

    Args:
        console: Where progress and failures are shown.
        settings: Which project, and how.
        pipelines: Pipelines by uuid.
        variables: Runtime variables.
        once: Whether each runs only once.

    Returns:
        The runs that failed, and the contracts of those that did not.
    """
    failed: list[PipelineReport] = []
    proposals = []
    with (
        RunProgress(console) as progress,
        Session(settings, progress=progress.message) as session,
    ):
        for uuid in pipelines:
            steps = plan(session.project, [uuid], settings.needs)

            def wrote(
                given: Mapping[str, Any], steps: tuple[str, ...] = steps
            ) -> list[tuple[str, str]]:
                session.reset()
                report = run_all(session, steps, variables=given, progress=progress)
                if not report.ok:
                    raise _FailedError([one for one in report.pipelines if not one.ok])
                return [(sink.service, sink.name) for sink in report.pipelines[-1].sinks]

            try:
                proposals.append(
                    proposal_of(
                        session, uuid, wrote, variables=variables, once=once, note=progress.message
                    )
                )
            except _FailedError as error:
                failed += error.reports
    for one in failed:
        print_pipeline(console, one)
    return failed, proposals


def held(
    console: Console, settings: Settings, pipelines: Sequence[str], *, variables: Mapping[str, Any]
) -> tuple[bool, list[Proposal]]:
    """Run pipelines, hold them to their contracts, and show how that went.

    Args:
        console: Where it is shown.
        settings: Which project, and how.
        pipelines: Pipelines by uuid; each must have a contract.
        variables: Runtime variables; those of each contract, if none are given.

    Returns:
        Whether all were looked at and hold, and those that do not as the runs would have them.

    Raises:
        InputError: A contract is not there or not right.
    """
    reports = []
    with (
        RunProgress(console) as progress,
        Session(settings, progress=progress.message) as session,
    ):
        contracts = Contracts(session, propose=True)
        contracts.read(pipelines, required=True)
        for uuid in pipelines:
            session.reset()
            contracts.forget_runs()
            report = run_all(
                session,
                plan(session.project, [uuid], settings.needs),
                variables=variables or contracts.variables(uuid),
                progress=progress,
                contracts=contracts,
            )
            reports.append(report.pipelines[-1])
    for one in reports:
        print_pipeline(console, one)
    proposals = [one for one in contracts.proposals if one.pipeline in pipelines]
    looked_at = [one.contract is not None and not one.contract.left_out for one in reports]
    return all(looked_at) and all(one.ok for one in reports), proposals
