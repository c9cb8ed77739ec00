"""Where a run is when its deadline comes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from harness.running.runner import Running

_STACKS_WAIT = 0.5
_POLL = 0.02


def ask_for_stacks(process: Running, file: Path) -> str:
    """Where each Python thread of a process is, as its tap writes it on request.

    Args:
        process: A process that runs with the tap.
        file: The file that the tap was told to write to.

    Returns:
        What Python's faulthandler wrote; empty where the process did not answer.
    """
    if not file.exists():
        return ""
    try:
        process.ask_for_stacks()
    except ProcessLookupError:
        return ""
    until = time.monotonic() + _STACKS_WAIT
    while time.monotonic() < until:
        time.sleep(_POLL)
        text = file.read_text("utf-8", "replace")
        if "most recent call first" in text.lower() and text.endswith("\n"):
            time.sleep(_POLL)
            return file.read_text("utf-8", "replace")
    return ""
