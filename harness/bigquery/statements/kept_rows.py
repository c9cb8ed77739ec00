"""Rows that are replaced or removed stay for as long as somebody reads."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from harness.bigquery.database import Database


class KeptRows:
    """The DuckDB tables that no entry names any more, and who still reads.

    Readers have numbers: rows go as soon as all who began before nobody named them have ended, even
    if others have begun since.

    Args:
        database: Holds the rows.
        lock: The catalog's.
    """

    def __init__(self, database: Database, lock: threading.RLock) -> None:
        self._database = database
        self._lock = lock
        self._begun = 0
        # By number, so that the first is the oldest.
        self._readers: dict[int, None] = {}
        # Each with the newest reader that may have taken its entry.
        self._discarded: deque[tuple[int, str]] = deque()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While it is open, no rows go that were there at its beginning."""
        with self._lock:
            self._begun += 1
            number = self._begun
            self._readers[number] = None
        try:
            yield
        finally:
            with self._lock:
                del self._readers[number]
                self._drop()

    def discard(self, rows_in: str) -> None:
        """Remove rows as soon as nobody reads who may have taken their entry."""
        with self._lock:
            self._discarded.append((self._begun, rows_in))
            self._drop()

    def clear(self) -> None:
        """Forget what was to go, as all rows are gone."""
        with self._lock:
            self._discarded.clear()

    def _drop(self) -> None:
        oldest = next(iter(self._readers), self._begun + 1)
        while self._discarded and self._discarded[0][0] < oldest:
            self._database.drop(self._discarded.popleft()[1])
