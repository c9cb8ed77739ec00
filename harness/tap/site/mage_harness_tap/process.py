"""Block code that ends the process on its own is the one case that leaves no exception behind."""

import functools
import os
from typing import NoReturn, Optional

from mage_harness_tap import blocks, events, place

_process: Optional[int] = None


def settle() -> None:
    """This process is the run's own.

    A forked child that ends so, as those of multiprocessing do, ends nothing but itself.
    """
    global _process  # noqa: PLW0603 - one for the whole run
    _process = os.getpid()


def watch() -> None:
    """Write an event before ``os._exit`` does its work."""
    end = os._exit

    @functools.wraps(end)
    def watched(status: int) -> NoReturn:
        line = place.of_caller()
        if line is not None and os.getpid() == _process:
            events.emit("process_exit", block=blocks.current(), line=line, status=status)
        end(status)

    os._exit = watched
