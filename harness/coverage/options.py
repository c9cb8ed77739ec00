"""The options of pytest; what they ask for is loaded only where they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harness.coverage.wanted import HELP, Wanted
from harness.errors import HarnessError

if TYPE_CHECKING:
    from harness.running.session import Session

_NAME = "mage-harness-coverage"


def add_options(group: Any) -> None:
    """Add the options to the plugin's own.

    Args:
        group: Pytest's group of options.
    """
    group.addoption(
        "--mage-coverage",
        action="store_true",
        help="tell which blocks, lines, branches and @test functions of the project ran",
    )
    group.addoption(
        "--mage-coverage-report",
        metavar="REPORT",
        action="append",
        default=None,
        help=f"{HELP}; may be given several times (default: term)",
    )
    group.addoption(
        "--mage-coverage-fail-under",
        metavar="PERCENT",
        type=float,
        default=None,
        help="fail when less of lines and branches ran",
    )
    group.addoption(
        "--mage-coverage-data",
        metavar="FILE",
        default=None,
        help="keep coverage.py's data, to combine them with those of other code",
    )


def configure(config: pytest.Config) -> None:
    """Collect coverage in this session, if an option asks for it.

    Args:
        config: The session's.

    Raises:
        pytest.UsageError: An option has no usable value.
    """
    try:
        wanted = Wanted.by(
            on=config.getoption("--mage-coverage"),
            reports=config.getoption("--mage-coverage-report"),
            fail_under=config.getoption("--mage-coverage-fail-under"),
            data=config.getoption("--mage-coverage-data"),
            option="--mage-coverage",
        )
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error
    if wanted is not None:
        from harness.coverage.in_pytest import PytestCoverage  # noqa: PLC0415 - it loads much

        config.pluginmanager.register(PytestCoverage(config, wanted), _NAME)


def attend(config: pytest.Config, session: Session) -> None:
    """Have the runs of a session noted, if its coverage is asked for.

    Args:
        config: Of the present process.
        session: The session.
    """
    plugin = config.pluginmanager.get_plugin(_NAME)
    if plugin is not None:
        plugin.attend(session)
