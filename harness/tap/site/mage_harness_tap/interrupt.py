"""Ends Mage's process at an event, as a machine that fails would: nothing is cleaned up."""

import json
import os
import signal
from typing import Any, Dict

_after = 0
_ended = 0
_process = 0
_at: Dict[str, Any] = {}


def watch(after: str, at: str) -> None:
    """Arrange for the end of this very process.

    Args:
        after: The number of blocks that end before; nothing is arranged for an empty string.
        at: The event, its block and which of these it is, as JSON; likewise.
    """
    global _after, _process  # noqa: PLW0603 - one end for the whole process
    if after or at:
        _process = os.getpid()
    if after:
        _after = int(after)
    if at:
        _at.update(json.loads(at))


def is_due(event: str, block: Any) -> bool:
    """Count an event, and say whether the process is to end with it.

    Args:
        event: The kind of event.
        block: The block that it is of.
    """
    if os.getpid() != _process or (event, block) != (_at.get("event"), _at.get("block")):
        return False
    _at["nth"] -= 1
    return bool(_at["nth"] == 0)


def end() -> None:
    """End the process."""
    os.kill(_process, signal.SIGKILL)


def block_ended() -> None:
    """One more block has ended."""
    global _ended  # noqa: PLW0603 - one count for the whole process
    if os.getpid() != _process:
        return
    _ended += 1
    if _ended == _after:
        end()
