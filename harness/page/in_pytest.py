"""``pytest --mage-report``: the runs of all tests on one page."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import HarnessError
from harness.report.build import report_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.page.collecting import Told
    from harness.page.earlier import Earlier
    from harness.running.result import PipelineRun
    from harness.running.session import Session

OPTION, AGAINST = "--mage-report", "--mage-report-against"
_NAME = "mage-harness-page"


class Runs:
    """Takes the runs of each test, and writes the page when the tests have ended.

    Args:
        file: The page's file.
        against: Earlier runs, to be shown beside these; None for none.

    Attributes:
        file: The page's file.
    """

    def __init__(self, file: Path, *, against: Earlier | None = None) -> None:
        from harness.page.collecting import Page  # noqa: PLC0415 - only where it is used

        self.file = file
        self._page = Page(file, option=OPTION, against=against)
        self._told: list[tuple[str, Told]] = []
        self._failed: dict[str, str] = {}

    def take(
        self, test: str, session: Session, run: PipelineRun, variables: Mapping[str, Any]
    ) -> None:
        """Take a run that has just ended.

        Args:
            test: The test's id.
            session: Where it ran.
            run: The run.
            variables: Its runtime variables.
        """
        from harness.page.collecting import Told  # noqa: PLC0415

        facts = self._page.take(session, run, variables=variables)
        heading = f"{run.pipeline} in {test}"
        self._told.append((test, Told(report=report_of(run), facts=facts, heading=heading)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test says that failed."""
        if report.failed:
            said = f"{self._failed.get(report.nodeid, '')}\n{report.longreprtext}"
            self._failed[report.nodeid] = said.strip("\n")

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the page."""
        last = {test: number for number, (test, _) in enumerate(self._told)}
        told = [
            one if last[test] != number else one.failed_by(self._failed.get(test, ""))
            for number, (test, one) in enumerate(self._told)
        ]
        self._page.write(told, ok=exitstatus == 0)


def attend(config: pytest.Config) -> None:
    """Make a page of a test session, where it is asked for.

    A worker of pytest-xdist writes one of its own, with its name before the ending.

    Args:
        config: The session's.

    Raises:
        pytest.UsageError: There is no earlier run to show beside these, or no report to show it in.
    """
    name = config.getoption(OPTION)
    against = config.getoption(AGAINST)
    if name is None and against is not None:
        raise pytest.UsageError(f"{AGAINST} says what a report is beside: give {OPTION} too")
    worker = getattr(config, "workerinput", {}).get("workerid")
    if name is None or (worker is None and config.getoption("dist", "no") != "no"):
        return
    file = Path(config.invocation_params.dir, name)
    if worker is not None:
        file = file.with_suffix(f".{worker}{file.suffix}")
    earlier = None if against is None else _earlier(config, against, whole=worker is None)
    config.pluginmanager.register(Runs(file, against=earlier), _NAME)


def _earlier(config: pytest.Config, name: str, *, whole: bool) -> Earlier:
    """Earlier runs: of one file, or of those that the workers of pytest-xdist wrote in its place.

    Args:
        config: The session's.
        name: The file that they would be in.
        whole: Whether one process runs all tests.
    """
    from harness.page.earlier import Earlier  # noqa: PLC0415

    file = Path(config.invocation_params.dir, name)
    parts = sorted(file.parent.glob(f"{glob.escape(file.stem)}.gw*{glob.escape(file.suffix)}"))
    files = parts if parts and not file.exists() else [file]
    try:
        return Earlier.of(*files, name=file.name, whole=whole)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error


def take(
    request: pytest.FixtureRequest,
    session: Session,
    run: PipelineRun,
    variables: Mapping[str, Any],
) -> None:
    """Take a run of a test, where there is to be a page.

    Args:
        request: Of the test's fixture.
        session: Where it ran.
        run: The run.
        variables: Its runtime variables.
    """
    runs = request.config.pluginmanager.get_plugin(_NAME)
    if isinstance(runs, Runs):
        told = ("mage_report", str(runs.file))
        if told not in request.node.user_properties:
            request.node.user_properties.append(told)
        runs.take(request.node.nodeid, session, run, variables)
