"""One event is one line of JSON, written by one system call, so that threads cannot mix lines."""

import json
import os
import time
from typing import Any, Dict

from mage_harness_tap import clock

_path = ""
_descriptors: Dict[int, int] = {}


def open_at(path: str) -> None:
    """Write all events of this process and of its forked children to a file.

    The path is kept here: a block may change the environment.
    """
    global _path  # noqa: PLW0603 - one file for the whole process
    _path = path


def emit(event: str, **facts: Any) -> None:
    """Append an event; whatever goes wrong with it must not reach the block that is watched.

    Args:
        event: The kind of event, for example ``block_start``.
        facts: What is known about it; anything that JSON cannot hold is written as text.
    """
    if not _path:
        return
    try:
        facts.update(event=event, at=time.time() - clock.OFFSET, pid=os.getpid())
        line = json.dumps(facts, default=str) + "\n"
        os.write(_descriptor(), line.encode("utf-8", "replace"))
    except Exception:
        # The verdict sees an event that is missing, and says so.
        return


def _descriptor() -> int:
    """The open file of this very process: a forked child opens its own."""
    process = os.getpid()
    if process not in _descriptors:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        _descriptors[process] = os.open(_path, flags, 0o600)
    return _descriptors[process]
