"""On GitHub Actions: annotations and a summary of the pipelines that tests have run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.report.github import Annotation, job
from harness.report.junit import CONTRACT, EXPECTATION, RUN
from harness.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from harness.report.github import Job

_NAME = "mage-harness-github"


def attend(config: pytest.Config) -> None:
    """Tell GitHub at the end of the session, where this is a job of it.

    Args:
        config: The session's; workers of pytest-xdist have a controller that tells.
    """
    found = job()
    if found is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Told(config, found), _NAME)


class _Told:
    """Keeps what the tests' reports say; workers send them to the controller."""

    def __init__(self, config: pytest.Config, found: Job) -> None:
        self._config = config
        self._job = found
        self._failed: dict[str, str] = {}
        self._runs: list[dict[str, Any]] = []
        self._annotations: list[Annotation] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a test's runs when it has ended: only then its properties are whole."""
        if report.failed:
            self._failed.setdefault(report.nodeid, report.longreprtext)
        if report.when != "teardown":
            return
        runs = [json.loads(str(value)) for name, value in report.user_properties if name == RUN]
        if report.nodeid not in self._failed:
            # A run that was to fail, and did, is as right as one that passed.
            self._runs += [{**run, "ok": True, "problems": []} for run in runs]
            return
        self._runs += runs
        named = {name for name, _ in report.user_properties}
        # A pipeline's own problems are told at their lines, and tests of others not at all.
        if named & {CONTRACT, EXPECTATION} or (runs and all(run["ok"] for run in runs)):
            self._annotate(report)

    def _annotate(self, report: pytest.TestReport) -> None:
        file, line, _ = report.location
        self._annotations.append(
            Annotation(
                title=report.nodeid,
                message=self._failed[report.nodeid],
                file=self._config.rootpath / file,
                line=None if line is None else line + 1,
            )
        )

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Tell all of it."""
        if not self._runs and not self._annotations:
            return
        terminalreporter.ensure_newline()
        self._job.tell(
            self._runs,
            project=self._project(),
            say=terminalreporter.write_line,
            more=self._annotations,
        )

    def _project(self) -> Path:
        try:
            return load_settings(
                start=self._config.rootpath,
                options={"project": self._config.getoption("--mage-project")},
            ).project
        except HarnessError:
            return self._config.rootpath
