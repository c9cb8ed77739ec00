"""A clock that runs beside the real one, so many seconds before or behind it."""

from __future__ import annotations

import math
import threading
import time
from bisect import bisect_right
from datetime import UTC, datetime


class Clock:
    """The time of one private world. It runs as fast as the real one.

    Whole seconds lie between the two: so a second begins in both at once, and no time that is
    kept in whole seconds differs by one.

    Attributes:
        offset: Seconds to add to the real time.
    """

    def __init__(self) -> None:
        self.offset = 0
        self._lock = threading.Lock()
        self._since: list[float] = []
        self._offsets = [0]

    def set(self, offset: int) -> None:
        """From now on show another time.

        Args:
            offset: Seconds to add to the real time; 0 for the real time.
        """
        with self._lock:
            if offset != self.offset:
                self._since.append(time.time())
                self._offsets.append(offset)
                self.offset = offset

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self.offset

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def shown(self, real: float) -> int:
        """Seconds to add to a real time, to have what this clock showed then.

        Args:
            real: Seconds since the epoch.
        """
        with self._lock:
            return self._offsets[bisect_right(self._since, real)]


def offset_to(at: datetime | None) -> int:
    """Seconds from now to a moment, in whole seconds.

    A clock that is set by it shows the moment within the next second, and none before it.

    Args:
        at: The moment; None for the real time.
    """
    return 0 if at is None else math.ceil(at.timestamp() - time.time())
