"""What happens in Mage's process: one event is one line of JSON."""

import contextlib
import os
import threading
import time
from typing import Any, Dict, Iterator, List, Optional

from mage_harness_tap import clock, interrupt, jumps
from mage_harness_tap.appended import Appended

_file: Optional[Appended] = None
_by_thread: Dict[int, int] = {}
_within: List[int] = []


def open_at(path: str) -> None:
    """Write all events of this process and of its forked children to a file."""
    global _file  # noqa: PLW0603 - one file for the whole process
    _file = Appended(path)


@contextlib.contextmanager
def within(number: int) -> Iterator[None]:
    """What this thread does meanwhile belongs to a run that a block has triggered.

    Args:
        number: The number of the pipeline run.
    """
    _by_thread[threading.get_ident()] = number
    _within.append(number)
    try:
        yield
    finally:
        _within.remove(number)
        del _by_thread[threading.get_ident()]


def depth() -> int:
    """How many runs that blocks have triggered are within each other now."""
    return len(_within)


def emit(event: str, **facts: Any) -> None:
    """Append an event; whatever goes wrong with it must not reach the block that is watched.

    Args:
        event: The kind of event, for example ``block_start``.
        facts: What is known about it; anything that JSON cannot hold is written as text. Of what
            concerns a block, it is also told how much had been printed by then, in bytes.
    """
    if _file is None:
        return
    # A thread that a block started belongs to the run that began last.
    number = _by_thread.get(threading.get_ident()) or (_within[-1] if _within else None)
    try:
        if number is not None:
            facts.setdefault("run", number)
        if "block" in facts:
            facts["printed"] = [os.fstat(stream).st_size for stream in (1, 2)]
        facts.update(event=event, at=time.time() - clock.OFFSET, pid=os.getpid())
        _file.add(facts)
    except Exception:
        # The verdict sees an event that is missing, and says so.
        return
    for jump in jumps.at(event, facts.get("block")):
        emit("fault", service="clock", what=jump, block=facts["block"], call=event)
    if interrupt.is_due(event, facts.get("block")):
        emit("fault", service="mage", what="killed", block=facts["block"], call=event)
        interrupt.end()
