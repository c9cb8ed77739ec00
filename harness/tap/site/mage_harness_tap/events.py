"""What happens in Mage's process: one event is one line of JSON."""

import os
import time
from typing import Any, Optional

from mage_harness_tap import clock
from mage_harness_tap.appended import Appended

_file: Optional[Appended] = None


def open_at(path: str) -> None:
    """Write all events of this process and of its forked children to a file."""
    global _file  # noqa: PLW0603 - one file for the whole process
    _file = Appended(path)


def emit(event: str, **facts: Any) -> None:
    """Append an event; whatever goes wrong with it must not reach the block that is watched.

    Args:
        event: The kind of event, for example ``block_start``.
        facts: What is known about it; anything that JSON cannot hold is written as text.
    """
    if _file is None:
        return
    try:
        facts.update(event=event, at=time.time() - clock.OFFSET, pid=os.getpid())
        _file.add(facts)
    except Exception:
        # The verdict sees an event that is missing, and says so.
        return
