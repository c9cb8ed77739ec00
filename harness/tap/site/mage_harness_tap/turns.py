"""Blocks that Mage would run side by side run one after the other, where a run is asked to.

Whoever looks from outside then knows the block of each call, by whatever library or program.
"""

import contextlib
import os
import threading
from typing import Iterator

from mage_harness_tap import events

_turn = threading.RLock()


@contextlib.contextmanager
def taken() -> Iterator[None]:
    """Wait for this block's turn; blocks of a run that a block triggered are within its own."""
    if not os.environ.get("MAGE_HARNESS_IN_TURN") or events.depth():
        yield
        return
    with _turn:
        yield
