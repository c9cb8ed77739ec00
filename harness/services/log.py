"""A server's log of lines, read as it grows, and what went wrong by its account."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from harness.services.protocol import Incident

PATIENCE = 1.0
"""Seconds that a mark is waited for; servers write their logs a little later."""
_BLOCK = 1 << 20


class ServerLog(ABC):
    """What went wrong, as far as the log has been read.

    Args:
        file: The log; it need not exist yet. Its writer appends.
        shared: Whether others read it too: what is in it now is theirs, and it is never emptied.
    """

    def __init__(self, file: Path, *, shared: bool = False) -> None:
        self._file = file
        self._shared = shared
        self._offset = file.stat().st_size if shared and file.exists() else 0
        # In pieces, which are joined once: a line of many blocks costs no more than its length.
        self._begun: list[bytes] = []
        self._incidents: list[Incident] = []

    @abstractmethod
    def judge(self, line: bytes) -> Iterable[Incident]:
        """What a line tells of; lines come in order, each once.

        Args:
            line: A finished line without its end. A character is never cut in two.
        """

    def read_to(self, mark: str) -> bool:
        """Read on until a mark has come, which the caller has made the server write.

        Returns after ``PATIENCE`` seconds in any case.

        Args:
            mark: A text that stands in one line of the log.

        Returns:
            Whether the mark has come.
        """
        until, nap = time.monotonic() + PATIENCE, 0.0002
        while not (seen := self._read(mark.encode())) and time.monotonic() < until:
            time.sleep(nap)
            nap = min(2 * nap, 0.002)
        return seen

    def incidents(self, since: float) -> Sequence[Incident]:
        """What went wrong from a time on, in order of time."""
        return sorted((one for one in self._incidents if one.at >= since), key=lambda one: one.at)

    def clear(self) -> None:
        """Forget what has been read, and empty the log unless others read it too."""
        self._incidents.clear()
        if self._shared:
            return
        self._begun.clear()
        self._offset = 0
        os.truncate(self._file, 0)

    def _read(self, mark: bytes) -> bool:
        seen = False
        for line in self._lines():
            seen = seen or mark in line
            self._incidents.extend(self.judge(line))
        return seen

    def _lines(self) -> Iterator[bytes]:
        try:
            with self._file.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._offset:
                    # Whoever it belongs to has emptied it.
                    self._offset = 0
                    self._begun.clear()
                file.seek(self._offset)
                while block := file.read(_BLOCK):
                    self._offset += len(block)
                    first, *others = block.split(b"\n")
                    self._begun.append(first)
                    for other in others:
                        line = b"".join(self._begun)
                        self._begun = [other]
                        yield line
        except FileNotFoundError:
            return
