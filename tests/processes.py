"""Looks at processes that may end between two looks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable


def has_ended(pid: int) -> bool:
    """Whether a process has ended, though nobody may have asked for its status."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def end_soon(pids: Iterable[int], *, seconds: float = 60.0) -> bool:
    """Whether processes have all ended, at the latest after so many seconds."""
    until = time.monotonic() + seconds
    left = set(pids)
    while left and time.monotonic() < until:
        left = {pid for pid in left if not has_ended(pid)}
        time.sleep(0.02)
    return not left


def words_of(process: psutil.Process) -> list[str]:
    """The command line of a process; empty where it has ended."""
    try:
        return [] if process.status() == psutil.STATUS_ZOMBIE else process.cmdline()
    except psutil.NoSuchProcess:
        return []
