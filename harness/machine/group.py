"""Ending a process that leads its own group: the whole group, first politely."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

_GRACE = 2.0
_POLL = 0.02


class Led(Protocol):
    """A process that leads its own group, and is another's child."""

    @property
    def pid(self) -> int:
        """Its number, which is its own until it has been waited for."""

    @property
    def returncode(self) -> int | Any:
        """Its exit status; None until it has been waited for."""

    def ended(self, *, within: float) -> bool:
        """Whether it ends in so many seconds; it is not reaped."""

    def wait(self) -> int:
        """Have it reaped, and say its exit status."""


def ended(process: subprocess.Popen[Any] | Led, *, within: float) -> bool:
    """Whether a process ends in some time. It is not reaped, so its number stays its own.

    Args:
        process: The process.
        within: Seconds to wait for it at the most.
    """
    if process.returncode is not None:
        return True
    if not isinstance(process, subprocess.Popen):
        return process.ended(within=within)
    until = time.monotonic() + within
    while True:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return True
        rest = until - time.monotonic()
        if rest <= 0:
            return False
        _wait(process.pid, rest)


def end_group(
    process: subprocess.Popen[Any] | Led, *, last: Callable[[], None] = lambda: None
) -> None:
    """End a process that leads its own group, and all its children, and wait for it.

    Args:
        process: Started with ``start_new_session=True``, and not yet waited for: as long as it
            is not, no other group can have its number.
        last: Is called when it has ended politely, or did not, and before all is killed.
    """
    _signal(process.pid, signal.SIGTERM)
    ended(process, within=_GRACE)
    last()
    # Also after a polite end: its children may be alive, and the group is theirs too.
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def _wait(process: int, seconds: float) -> None:
    """Wait for the end of a child, or for some time; for less where the system tells of no end."""
    try:
        handle = os.pidfd_open(process)
    except (AttributeError, OSError):
        # macOS has none, and some sandboxes refuse it.
        time.sleep(min(seconds, _POLL))
        return
    try:
        ending = select.poll()
        ending.register(handle, select.POLLIN)
        ending.poll(seconds * 1000)
    finally:
        os.close(handle)


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
