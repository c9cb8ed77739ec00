"""Ending a run: its whole process group, first politely."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

_GRACE = 2.0
_STACKS_WAIT = 0.5
_POLL = 0.02


def ended(process: subprocess.Popen[bytes], *, within: float) -> bool:
    """Whether a process ends in some time. It is not reaped, so its number stays its own.

    Args:
        process: The process.
        within: Seconds to wait for it at the most.
    """
    if process.returncode is not None:
        return True
    until = time.monotonic() + within
    while True:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return True
        rest = until - time.monotonic()
        if rest <= 0:
            return False
        time.sleep(min(rest, _POLL))


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads its own group, and all its children, and wait for it.

    Args:
        process: Started with ``start_new_session=True``, and not yet waited for: as long as it
            is not, no other group can have its number.
    """
    _signal(process.pid, signal.SIGTERM)
    ended(process, within=_GRACE)
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
