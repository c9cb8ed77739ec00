"""``pytest --keep``: a failed test's services stay until somebody has looked."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import HarnessError
from harness.up.keeping import require_terminal, stay

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "mage-harness-keep"


def attend(config: pytest.Config) -> None:
    """Wait after each failure of a test that has services.

    Args:
        config: The session's.

    Raises:
        pytest.UsageError: There is nobody to wait for.
    """
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        raise pytest.UsageError("--keep waits for you, and not with -n: leave one of them out")
    try:
        with _terminal(config):
            require_terminal()
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error
    config.pluginmanager.register(_Keeping(config), _NAME)


class _Keeping:
    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_exception_interact(self, node: Any, report: Any) -> None:
        """Show the failure, and wait before anything is taken down."""
        session = getattr(node, "funcargs", {}).get("mage_session")
        if session is None:
            return
        reporter: Any = self._config.pluginmanager.get_plugin("terminalreporter")

        def say(line: str) -> None:
            reporter.write_line(line)
            reporter.flush()

        with _terminal(self._config):
            reporter.ensure_newline()
            say(f"{node.nodeid} failed:\n{report.longreprtext}")
            stay(session.project, stack=session.stack, settings=session.settings, say=say)


@contextmanager
def _terminal(config: pytest.Config) -> Iterator[None]:
    """Standard input and output are the terminal's meanwhile."""
    capture: Any = config.pluginmanager.get_plugin("capturemanager")
    capture.suspend(in_=True)
    try:
        yield
    finally:
        capture.resume()
        # Between the parts of a test, and before the first one, only input is kept away.
        capture.suspend()
