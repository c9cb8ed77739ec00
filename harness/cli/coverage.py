"""The options of the coverage, and how a command tells of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.coverage.wanted import HELP
from harness.report import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from harness.coverage.notes import Note
    from harness.coverage.told import Told
    from harness.coverage.wanted import Wanted
    from harness.running.result import PipelineRun
    from harness.running.session import Session

CoverageOption = Annotated[
    bool,
    typer.Option(
        "--coverage", help="Tell which blocks, lines, branches and @test functions really ran."
    ),
]
ReportsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--coverage-report",
        metavar="REPORT",
        help=f"How the coverage is told: {HELP}. May be given several times. Default: term.",
    ),
]
FailUnderOption = Annotated[
    float | None,
    typer.Option(
        "--coverage-fail-under",
        metavar="PERCENT",
        help="End with status 1 when less of the lines and branches ran.",
    ),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--coverage-data",
        metavar="FILE",
        help="Keep coverage.py's data, to combine them with those of other code.",
    ),
]


class Noting:
    """Notes what the runs of a session do, where its coverage is wanted.

    Args:
        session: The session.
        wanted: What is wanted; None for nothing.
    """

    def __init__(self, session: Session, wanted: Wanted | None) -> None:
        self._session = session
        self._wanted = wanted
        self._notes: list[Note] = []
        self._told: Told | None = None
        if wanted is not None:
            session.noted = self._note

    def _note(self, run: PipelineRun) -> None:
        from harness.coverage.notes import notes_of  # noqa: PLC0415 - only where it is used

        self._notes += notes_of(run, project=self._session.project.path)

    def tell(self, console: Console, pipelines: Sequence[str]) -> bool:
        """Show what ran, and write the reports.

        Args:
            console: Where it is shown.
            pipelines: The pipelines that count, by uuid.

        Returns:
            Whether as much ran as is wanted.

        Raises:
            InputError: A report cannot be written.
        """
        if self._wanted is None:
            return True
        from harness.coverage.told import told  # noqa: PLC0415 - coverage.py, only where it is used

        project = self._session.project
        self._told = found = told(
            self._notes,
            projects=[project],
            wanted=self._wanted,
            pipelines=[project.pipeline(uuid) for uuid in pipelines],
        )
        console.print("\nCoverage", style="bold")
        for line in found.lines:
            console.print(words.line(console, line), soft_wrap=True)
        if found.failed:
            console.print(found.failed, style="bold red", soft_wrap=True)
        return not found.failed

    def facts(self) -> dict[str, Any] | None:
        """What was told, for ``--json``; None where nothing was."""
        return None if self._told is None else self._told.as_json()
