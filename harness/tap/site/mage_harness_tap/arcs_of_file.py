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
        pipeline: The uuid of the pipeline whose block it is; empty for a module that blocks import.
        block: The block's uuid; empty for such a module.
        written: Where arcs are written.

    Attributes:
        seen: The arcs so far.
    """

    def __init__(self, file: str, pipeline: str, block: str, *, written: Appended) -> None:
        self._place = {"file": file, "pipeline": pipeline, "block": block}
        self._written = written
        self.seen: Set[Tuple[int, int]] = set()

    def add(self, before: int, after: int) -> None:
        """A line came after another."""
        arc = (before, after)
        if arc in self.seen:
            return
        self.seen.add(arc)
        try:
            self._written.add({**self._place, "arc": arc})
        except Exception:
            # The disk may be full; the block that is watched must not hear of it.
            return
