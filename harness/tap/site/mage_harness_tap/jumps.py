"""Has the clock of Mage's process jump at an event, as one that is set right by a time server."""

import json
import os
import time
from typing import Any, Dict, List

from mage_harness_tap import clock

VARIABLE = "MAGE_HARNESS_JUMPS"
_NEAR = 1.0
_process = 0
_left: List[Dict[str, Any]] = []


def watch() -> None:
    """Arrange for the jumps of this very process; programs that it starts have none."""
    global _process  # noqa: PLW0603 - one clock for the whole process
    told = os.environ.pop(VARIABLE, "")
    if told:
        _process = os.getpid()
        _left.extend(json.loads(told))


def at(event: str, block: Any) -> List[str]:
    """Count an event, and jump where that is due.

    Args:
        event: The kind of event.
        block: The block that it is of.

    Returns:
        The jumps that came, as they were declared.
    """
    if not _left or os.getpid() != _process:
        return []
    came = []
    for jump in [one for one in _left if (one["event"], one["block"]) == (event, block)]:
        jump["nth"] -= 1
        if jump["nth"] == 0:
            _left.remove(jump)
            if _jumped(jump["seconds"]):
                came.append(jump["what"])
    return came


def _jumped(seconds: int) -> bool:
    """Jump, and say whether the time that this process is told has really done so."""
    before, began = time.time(), time.monotonic()
    clock.jump(seconds)
    moved = time.time() - before - (time.monotonic() - began)
    return abs(moved - seconds) < _NEAR
