"""One event is one line of JSON, written by one system call, so that threads cannot mix lines."""

import json
import os
import time
from typing import Any, Dict, Tuple

_descriptors: Dict[Tuple[int, str], int] = {}


def emit(event: str, **facts: Any) -> None:
    """Append an event.

    Args:
        event: The kind of event, for example ``block_start``.
        facts: What is known about it; anything that JSON cannot hold is written as text.
    """
    path = os.environ.get("MAGE_HARNESS_EVENTS")
    if not path:
        return
    facts["event"] = event
    facts["at"] = time.time()
    line = json.dumps(facts, default=str) + "\n"
    os.write(_descriptor(path), line.encode("utf-8", "replace"))


def _descriptor(path: str) -> int:
    """The open file of this very process: a forked child opens its own."""
    key = (os.getpid(), path)
    if key not in _descriptors:
        _descriptors[key] = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    return _descriptors[key]
