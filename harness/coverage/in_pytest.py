"""The coverage of a pytest session: notes travel with the reports of tests, also from workers."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest

from harness.coverage.notes import Note, notes_of
from harness.errors import HarnessError
from harness.project.reader import read_project
from harness.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from harness.coverage.told import Told
    from harness.coverage.wanted import Wanted
    from harness.project.model import Project
    from harness.running.result import PipelineRun
    from harness.running.session import Session

_NOTES = "mage_harness_coverage"


class PytestCoverage:
    """Collects the coverage of a pytest session, and tells it at the end.

    Args:
        config: The session's.
        wanted: What is wanted of it.
    """

    def __init__(self, config: pytest.Config, wanted: Wanted) -> None:
        self._config = config
        self._wanted = wanted
        self._untold: list[Note] = []
        self._notes: list[Note] = []
        self._told: Told | None = None
        self._failed = ""

    def attend(self, session: Session) -> None:
        """Have the runs of a session noted."""

        def note(run: PipelineRun) -> None:
            test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
            self._untold += notes_of(run, project=session.project.path, by=test)

        session.noted = note

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give the report what was noted since the last; xdist brings it to the controller."""
        report = yield
        if self._untold:
            setattr(report, _NOTES, [note.as_json() for note in self._untold])
            self._untold.clear()
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a report brings, where the session is told of."""
        self._notes += [Note.from_json(facts) for facts in getattr(report, _NOTES, ())]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell, in the process that has all notes."""
        if hasattr(self._config, "workerinput") or self._config.getoption("collectonly"):
            return
        from harness.coverage.told import told  # noqa: PLC0415 - coverage.py, only where it is used

        try:
            self._told = told(self._notes, projects=self._projects(), wanted=self._wanted)
            self._failed = self._told.failed
        except HarnessError as error:
            self._failed = str(error)
        if self._failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show what was told."""
        if self._told is None and not self._failed:
            return
        terminalreporter.section("coverage of Mage pipelines")
        for line in self._told.lines if self._told is not None else ():
            terminalreporter.write_line(line)
        if self._failed:
            terminalreporter.write_line(f"mage-harness: {self._failed}", red=True, bold=True)

    def _projects(self) -> list[Project]:
        folders = [note.project for note in self._notes]
        # A suite may name a project for each of its folders and none for itself, or remove it.
        with contextlib.suppress(HarnessError):
            options = {"project": self._config.getoption("--mage-project")}
            folders.insert(0, load_settings(start=self._config.rootpath, options=options).project)
        found: dict[Path, Project] = {}
        for folder in folders:
            with contextlib.suppress(HarnessError):
                project = read_project(folder)
                found[project.path] = project
        return list(found.values())
