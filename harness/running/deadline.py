"""Ending a run: its whole process group, first politely."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_GRACE = 2.0
_STACKS_WAIT = 0.5
_POLL = 0.02


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads its own group, and all its children, and wait for it.

    Args:
        process: Started with ``start_new_session=True``.
    """
    _signal(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    # Also after a polite end: its children may be alive, and the group is theirs too.
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def ask_for_stacks(process: subprocess.Popen[bytes], file: Path) -> str:
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
        process.send_signal(signal.SIGUSR1)
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


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
