"""Contracts that a test run would change: shown in pytest's terminal, written when agreed."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.contracts.store import keep, shown
from harness.contracts.text import difference
from harness.plain import visible
from harness.report.pytest import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from harness.contracts.holding import Proposal


def approver(config: pytest.Config) -> Callable[[Proposal], bool] | None:
    """What keeps contracts as the runs would have them; None without ``--update-contracts``.

    Args:
        config: The session's.
    """
    if not config.getoption("--update-contracts"):
        return None
    return partial(_approve, config)


def _approve(config: pytest.Config, proposal: Proposal) -> bool:
    say = Progress(config)
    file = shown(proposal.file)
    for line in difference(proposal.before, proposal.after, file=file):
        say(visible(line))
    if not (config.getoption("--contracts-yes") or _agreed(config, file)):
        say(f"not written: {file}; add --contracts-yes to write it without a question")
        return False
    keep(proposal.file, proposal.after)
    say(f"written: {file}")
    return True


def _agreed(config: pytest.Config, file: str) -> bool:
    capture: Any = config.pluginmanager.get_plugin("capturemanager")
    worker = hasattr(config, "workerinput")
    if capture is None or worker or os.environ.get("CI"):
        return False
    capture.suspend(in_=True)
    try:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            return False
        return input(f"Write {file}? [y/N]: ").strip().lower() in ("y", "yes")
    finally:
        capture.resume()
