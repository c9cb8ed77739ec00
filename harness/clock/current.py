"""The clock of what a thread is doing at the moment, for code that is handed none."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.clock.clock import Clock

_CURRENT: ContextVar[Clock | None] = ContextVar("harness clock", default=None)


@contextmanager
def using(clock: Clock) -> Iterator[None]:
    """While it is open, this thread's ``now`` is by a clock."""
    token = _CURRENT.set(clock)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def now() -> float:
    """Seconds since the epoch: by the clock in use, or the real ones."""
    clock = _CURRENT.get()
    return time.time() if clock is None else clock.time()
