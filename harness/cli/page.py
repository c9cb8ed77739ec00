"""``--report``: the runs of a command as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.jsonfile import require_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.page.collecting import Page
    from harness.page.earlier import Earlier
    from harness.page.facts import RunFacts
    from harness.report.model import RunReport
    from harness.running.result import PipelineRun
    from harness.running.session import Session

PageOption = Annotated[
    Path | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Write one HTML file, whatever the verdict: blocks as a graph, with code, data, logs, "
        "and what each service was asked (docs/report.md).",
    ),
]
AgainstOption = Annotated[
    Path | None,
    typer.Option(
        "--against",
        metavar="FILE",
        help="With --report: show these runs beside those of an earlier report, the JSON of an "
        "earlier run, or a bundle: what differs in problems, blocks, code, data, tables and "
        "versions. It may be the file that --report replaces.",
    ),
]
_OPTION = "--report"


class CommandPage:
    """The page of one command: each pipeline runs once.

    Args:
        file: What ``--report`` names; None for no page.
        against: What ``--against`` names; None for nothing.

    Raises:
        typer.BadParameter: There is to be no page to show anything beside.
        InputError: It is no file, or cannot be written, or there is no earlier run to show.
        EnvironmentNotAbleError: There is no room.
    """

    def __init__(self, file: Path | None, *, against: Path | None = None) -> None:
        self._page: Page | None = None
        self._facts: dict[str, RunFacts] = {}
        require_file(file, option=_OPTION)
        if file is None and against is not None:
            raise typer.BadParameter("--against says what a report is beside: give --report too")
        if file is not None:
            from harness.page.collecting import Page  # noqa: PLC0415 - only where it is used

            # First: the page may replace that file.
            earlier = None if against is None else _earlier(against)
            self._page = Page(file, option=_OPTION, against=earlier)

    def take(self, session: Session, run: PipelineRun, variables: Mapping[str, Any]) -> None:
        """Take what the page shows of a run that has just ended.

        Args:
            session: Where it ran.
            run: The run.
            variables: Its runtime variables.
        """
        if self._page is not None:
            session.progress(f"looking at what {run.pipeline} did, for the report")
            self._facts[run.pipeline] = self._page.take(session, run, variables=variables)

    def write(self, report: RunReport) -> None:
        """Write the page.

        Args:
            report: The reports on all pipelines.

        Raises:
            InputError: It cannot be written.
            EnvironmentNotAbleError: There is no room.
        """
        if self._page is None:
            return
        from harness.page.collecting import Told  # noqa: PLC0415
        from harness.page.facts import RunFacts  # noqa: PLC0415

        told = [
            Told(report=one, facts=self._facts.get(one.uuid, RunFacts()))
            for one in report.pipelines
        ]
        self._page.write(told, ok=report.ok)


def _earlier(file: Path) -> Earlier:
    from harness.page.earlier import Earlier  # noqa: PLC0415

    return Earlier.of(file, name=file.name)
