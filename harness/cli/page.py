"""``--report``: the runs of a command as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.jsonfile import require_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.page.collecting import Page
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
_OPTION = "--report"


class CommandPage:
    """The page of one command: each pipeline runs once.

    Args:
        file: What ``--report`` names; None for no page.

    Raises:
        InputError: It is no file, or cannot be written.
        EnvironmentNotAbleError: There is no room.
    """

    def __init__(self, file: Path | None) -> None:
        self._page: Page | None = None
        self._facts: dict[str, RunFacts] = {}
        require_file(file, option=_OPTION)
        if file is not None:
            from harness.page.collecting import Page  # noqa: PLC0415 - only where it is used

            self._page = Page(file, option=_OPTION)

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
