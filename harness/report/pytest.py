"""Progress in pytest's own terminal."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


class Progress:
    """Prints a line in spite of pytest's capture: what takes long should say so.

    Args:
        config: The session's; a worker of pytest-xdist has no terminal, and prints nothing.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        # Services start in threads, and pytest's capture is one for all of them.
        self._lock = threading.Lock()

    def __call__(self, line: str) -> None:
        """Print a line of its own."""
        reporter: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        capture: Any = self._config.pluginmanager.get_plugin("capturemanager")
        if reporter is None or capture is None:
            return
        with self._lock, capture.global_and_fixture_disabled():
            reporter.ensure_newline()
            reporter.write_line(f"mage-harness: {line}")
