"""Rows that are replaced or removed stay for as long as somebody reads."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from harness.bigquery.database import Database


class KeptRows:
    """The DuckDB tables that no entry names any more, and how many still read.

    Args:
        database: Holds the rows.
        lock: The catalog's.
    """

    def __init__(self, database: Database, lock: threading.RLock) -> None:
        self._database = database
        self._lock = lock
        self._readers = 0
        self._discarded: list[str] = []

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While it is open, no rows go."""
        with self._lock:
            self._readers += 1
        try:
            yield
        finally:
            with self._lock:
                self._readers -= 1
                if self._readers == 0:
                    for name in self._discarded:
                        self._database.drop(name)
                    self._discarded.clear()

    def discard(self, rows_in: str) -> None:
        """Remove rows as soon as nobody reads."""
        with self._lock:
            if self._readers == 0:
                self._database.drop(rows_in)
            else:
                self._discarded.append(rows_in)

    def clear(self) -> None:
        """Forget what was to go, as all rows are gone."""
        with self._lock:
            self._discarded.clear()
