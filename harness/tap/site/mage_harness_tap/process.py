"""Block code that ends the process on its own is the one case that leaves no exception behind."""

import functools
import os
from typing import NoReturn

from mage_harness_tap import blocks, events, place


def watch() -> None:
    """Write an event before ``os._exit`` does its work.

    A forked child that ends so, as those of multiprocessing do, ends nothing but itself.
    """
    end, process = os._exit, os.getpid()

    @functools.wraps(end)
    def watched(status: int) -> NoReturn:
        line = place.of_caller()
        if line is not None and os.getpid() == process:
            events.emit("process_exit", block=blocks.current(), line=line, status=status)
        end(status)

    os._exit = watched
