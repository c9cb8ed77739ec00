"""Ends Mage's process between two blocks, as a machine that fails would: nothing is cleaned up."""

import os
import signal

_after = 0
_ended = 0
_process = 0


def watch(after: str) -> None:
    """Arrange for the end of this very process.

    Args:
        after: The number of blocks that end before; nothing is arranged for an empty string.
    """
    global _after, _process
    if after:
        _after, _process = int(after), os.getpid()


def block_ended() -> None:
    """One more block has ended."""
    global _ended  # noqa: PLW0603 - one count for the whole process
    if os.getpid() != _process:
        return
    _ended += 1
    if _ended == _after:
        os.kill(_process, signal.SIGKILL)
