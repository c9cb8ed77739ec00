"""Rows that no table has any more stay for as long as somebody reads them or a snapshot shows them.

What a snapshot shows is not copied but frozen: who changes such rows changes a copy of them.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection, Iterator

    from harness.bigquery.database import Database


class Holder(Protocol):
    """What rows are frozen for, until nobody refers to it any more."""

    @property
    def rows(self) -> Collection[str]:
        """The DuckDB tables."""


class KeptRows:
    """The DuckDB tables that no entry names any more, and who still needs them.

    Readers have numbers: rows go as soon as all who began before nobody named them have ended, even
    if others have begun since.

    Args:
        database: Holds the rows.
        lock: The catalog's; it is held by whoever calls ``freeze``, ``is_frozen``, ``take_up`` and
            ``clear``.
    """

    def __init__(self, database: Database, lock: threading.RLock) -> None:
        self._database = database
        self._lock = lock
        self._begun = 0
        # By number, so that the first is the oldest.
        self._readers: dict[int, None] = {}
        # Each with the newest reader that may have taken its entry.
        self._discarded: deque[tuple[int, str]] = deque()
        self._holders: WeakSet[Holder] = WeakSet()
        # Those that nobody reads, but that are frozen.
        self._left: set[str] = set()

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

    def freeze(self, holder: Holder) -> None:
        """Keep rows as they are until the holder is gone."""
        self._holders.add(holder)
        self._drop()

    def is_frozen(self, rows_in: str) -> bool:
        """Whether rows are not to be changed where they are."""
        return any(rows_in in holder.rows for holder in self._holders)

    def take_up(self, named: Collection[str]) -> None:
        """Keep rows that were to go, as entries name them again."""
        self._left.difference_update(named)
        self._discarded = deque(one for one in self._discarded if one[1] not in named)

    def clear(self) -> None:
        """Remove all rows but those that are frozen."""
        self._discarded.clear()
        self._left = {rows_in for holder in self._holders for rows_in in holder.rows}
        if not self._left:
            self._database.drop_all()
            return
        with self._database.cursor() as cursor:
            there = cursor.execute(
                "SELECT concat('rows.', table_name) FROM duckdb_tables() WHERE schema_name = 'rows'"
            ).fetchall()
        for (rows_in,) in there:
            if rows_in not in self._left:
                self._database.drop(rows_in)

    def _drop(self) -> None:
        oldest = next(iter(self._readers), self._begun + 1)
        going = [*self._left]
        while self._discarded and self._discarded[0][0] < oldest:
            going.append(self._discarded.popleft()[1])
        self._left = {rows_in for rows_in in going if self.is_frozen(rows_in)}
        for rows_in in going:
            if rows_in not in self._left:
                self._database.drop(rows_in)
