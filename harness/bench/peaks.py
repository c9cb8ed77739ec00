"""How much memory a stretch of work takes at its most: new processes, and what this one grew by."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERY = 0.1
_MEGABYTE = 1e6


class Meter:
    """Looks at the processes that are there before, and tells what comes on top of them.

    Services that run when it is made, and all that they start, are no part of what it finds.

    Attributes:
        spent: The processor time that it has taken itself, in seconds.
    """

    def __init__(self) -> None:
        self._me = psutil.Process()
        self._there = {one.pid for one in self._me.children()}
        self._level = self._me.memory_info().rss
        self.spent = 0.0

    @contextmanager
    def peaks(self, found: dict[str, float]) -> Iterator[None]:
        """Put peaks of resident memory in the block into ``found``, in megabytes.

        ``children`` is that of new processes, ``grown`` of this one above what it had when the
        meter was made, and ``both`` of the two at the same moment.

        Args:
            found: Where they go.
        """
        over = threading.Event()
        looking = threading.Thread(target=self._look, args=(found, over), daemon=True)
        looking.start()
        try:
            yield
        finally:
            over.set()
            looking.join()

    def _look(self, found: dict[str, float], over: threading.Event) -> None:
        found |= dict.fromkeys(("children", "grown", "both"), 0.0)
        before = self.spent
        while not over.wait(_EVERY):
            grown = max(self._me.memory_info().rss - self._level, 0) / _MEGABYTE
            children = self._children() / _MEGABYTE
            for name, size in (
                ("children", children),
                ("grown", grown),
                ("both", children + grown),
            ):
                found[name] = max(found[name], size)
            self.spent = before + time.thread_time()

    def _children(self) -> int:
        size = 0
        for child in self._me.children():
            if child.pid in self._there:
                continue
            try:
                size += sum(
                    one.memory_info().rss for one in (child, *child.children(recursive=True))
                )
            except psutil.NoSuchProcess:
                continue
        return size
