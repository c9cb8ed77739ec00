"""Whether what ``mage-harness record`` kept replays, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.cli.suite import run_all
from harness.report.terminal import RunProgress, print_pipeline
from harness.running.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from harness.report.model import RunReport
    from harness.settings import Settings


def replay(
    console: Console, *, settings: Settings, steps: Sequence[str], variables: Mapping[str, Any]
) -> tuple[RunReport, tuple[str, ...]]:
    """Run pipelines once more, without what they were recorded from, and print how they did.

    Args:
        console: Where to print.
        settings: The settings of a run that has recordings and seeds alone.
        steps: Pipelines by uuid, needs before those that need them.
        variables: Runtime variables.

    Returns:
        The report, and the names of what was sent otherwise than it was recorded.

    Raises:
        HarnessError: They cannot be run.
    """
    with RunProgress(console) as progress:
        progress.message("replaying it, without the web")
        with Session(settings, progress=progress.message) as session:
            report = run_all(session, steps, variables=variables, progress=progress)
            asked = session.stack.http.requests()
    print_report(console, report)
    return report, tuple(dict.fromkeys(name for one in asked for name in one.volatile))


def print_report(console: Console, report: RunReport) -> None:
    """Print how each pipeline did.

    Args:
        console: Where to print.
        report: The report.
    """
    for pipeline in report.pipelines:
        print_pipeline(console, pipeline)


def facts(report: RunReport) -> list[object]:
    """What is the same in two runs that did the same.

    Args:
        report: The report of one.
    """
    return [
        (pipeline.uuid, pipeline.ok, [block.rows_out for block in pipeline.blocks], pipeline.sinks)
        for pipeline in report.pipelines
    ]


def told(replayed: RunReport, *, same: bool, sampled: bool, sources: bool) -> str:
    """Whether it replays, in a line.

    Args:
        replayed: The report of the run without the web.
        same: Whether the pipelines did the same as when they were recorded.
        sampled: Whether the cassette holds samples in place of all rows.
        sources: Whether sources were recorded too.
    """
    without = "without the web and the sources" if sources else "without the web"
    if same:
        return f"It replays: {without} the pipeline did the same."
    if sampled and replayed.ok:
        return f"It replays: {without} the pipeline did well with the sample."
    return f"It does not replay: {without} the pipeline did something else."
