"""A report's plain facts from a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report.model import BlockReport, PipelineReport, SinkReport
from harness.running.block_run import NOT_RUN

if TYPE_CHECKING:
    from harness.contracts.difference import ContractReport
    from harness.problem import Problem
    from harness.project.model import Pipeline
    from harness.running.result import PipelineRun


def report_of(run: PipelineRun, *, contract: ContractReport | None = None) -> PipelineReport:
    """The facts of a run that was judged.

    Args:
        run: The run.
        contract: How it was held to its contract; None where it has none.
    """
    return PipelineReport(
        uuid=run.pipeline,
        ok=run.ok and (contract is None or contract.ok),
        seconds=run.seconds,
        blocks=tuple(
            BlockReport(
                uuid=block.uuid,
                status=block.status,
                rows_in=block.rows_in,
                rows_out=block.rows_out,
                dropped=block.dropped,
                added=block.added,
                seconds=block.seconds,
                attempts=block.attempts,
                children=block.children,
                skipped=block.skipped,
            )
            for block in run.blocks
        ),
        problems=run.problems,
        sinks=tuple(SinkReport.from_sink(sink) for sink in run.sinks),
        at=run.at,
        contract=contract,
        entry=run.entry,
        entry_why=run.entry_why,
        triggered=tuple(report_of(one) for one in run.triggered),
        faults=run.faults,
    )


def not_run_report(pipeline: Pipeline, *problems: Problem) -> PipelineReport:
    """The facts of a pipeline that was not run, and why."""
    return PipelineReport(
        uuid=pipeline.uuid,
        ok=False,
        seconds=0.0,
        blocks=tuple(
            BlockReport(uuid=block.uuid, status=NOT_RUN, rows_in=None, rows_out=None, seconds=None)
            for block in pipeline.blocks
        ),
        problems=problems,
        sinks=(),
    )
