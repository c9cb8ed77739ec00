"""How much of a run a page takes: a file that a browser opens, whatever was run."""

from __future__ import annotations

import threading

ROWS = 10
"""First rows of an output."""
SHOWN_COLUMNS = 40
"""Columns of which the first rows are shown."""
COLUMNS = 200
"""Columns of which statistics are told."""
COUNTED_ROWS = 2_000_000
"""Rows that statistics are made of."""
OUTPUTS = 5
"""Outputs of a block."""
CELL = 120
"""Characters of a cell."""
TEXT = 1_000
"""Characters of a message or a statement."""
MESSAGE = 4_000
"""Characters of a problem."""
SINKS = 300
"""Tables and objects of one run."""
VALUE = 4_000
"""Characters of an output that is no table."""
CODE_LINES = 800
"""Lines of a block's file."""
CODE_CHARACTERS = 100_000
"""Characters of it."""
CODE_READ = 1_000_000
"""Bytes of a file of code that are looked at."""
FURTHER = 4_000
"""Characters that are looked at beyond the end of what is shown: a secret may stand across it."""
LOG_HEAD, LOG_TAIL = 8_000, 24_000
"""Bytes of a log, at its beginning and at its end."""
HEARD = 400
"""Things that one service was asked in one run."""
EVENTS = 1_000
"""Moments of the blocks in one run."""
MESSAGES = 100
"""Problems, differences and other lines of one run."""
WHOLE = 8_000_000
"""Characters of all details of a page together."""
VITAL = 12_000_000
"""The same with those of what failed."""
KEPT = 4_000_000
"""Characters of code and data that a page keeps to be compared with a later one."""


class Budget:
    """What is left of the room on a page; for several threads."""

    def __init__(self, *, whole: int = WHOLE, vital: int = VITAL) -> None:
        self._whole, self._vital = whole, vital
        self._used = 0
        self._lock = threading.Lock()

    def take(self, size: int, *, vital: bool = False) -> bool:
        """Take room for something.

        Args:
            size: Characters of it, in HTML.
            vital: Whether it tells of something that failed: room is kept for that.

        Returns:
            Whether it has room; if not, nothing is taken.
        """
        with self._lock:
            if self._used + size > (self._vital if vital else self._whole):
                return False
            self._used += size
            return True
