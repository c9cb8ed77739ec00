"""What libfaketime leaves in memory when a program that it is preloaded into is killed."""

from __future__ import annotations

from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - where POSIX keeps what is shared; only our own is removed
_NAMES = ("faketime_shm_{}", "sem.faketime_sem_{}")


def remove_traces(process: int) -> None:
    """Remove what a process that has ended can no longer remove itself.

    Args:
        process: Its number.
    """
    for name in _NAMES:
        (_MEMORY / name.format(process)).unlink(missing_ok=True)
