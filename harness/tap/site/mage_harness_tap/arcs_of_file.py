"""Which line came after which in one file.

An arc is a pair of lines, as coverage.py has them: where a function begins or ends, the other line
is that of its first, negative.
"""

from typing import Set, Tuple

from mage_harness_tap.appended import Appended


class Arcs:
    """The arcs of one file, as one block runs it.

    Each arc is written when it is seen first, so that no end of a process loses any.

    Args:
        file: The file, relative to the project.
        block: The uuid of the block whose code it is; empty for a module that blocks import.
        written: Where arcs are written.
    """

    def __init__(self, file: str, block: str, *, written: Appended) -> None:
        self._file = file
        self._block = block
        self._written = written
        self._seen: Set[Tuple[int, int]] = set()

    def add(self, before: int, after: int) -> None:
        """A line came after another."""
        arc = (before, after)
        if arc in self._seen:
            return
        self._seen.add(arc)
        try:
            self._written.add({"file": self._file, "block": self._block, "arc": arc})
        except Exception:
            # The disk may be full; the block that is watched must not hear of it.
            return
