"""Values side by side, as explanations look at them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.engine import engine
from harness.expect.layout import countable, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

UNITS = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Expected and found values of one column, row by row, without nulls.

    Attributes:
        e: The expected.
        f: The found.
        expected: The type's name on the expected side.
        found: The same on the other.
    """

    e: pa.ChunkedArray
    f: pa.ChunkedArray
    expected: str
    found: str

    @property
    def kinds(self) -> tuple[str, str]:
        """The kinds of value, for example ``("date", "number")``."""
        return kind_of(self.e.type), kind_of(self.f.type)

    def hold(self, condition: str) -> bool:
        """Whether a condition in DuckDB's SQL on ``e`` and ``f`` is true of every pair."""
        try:
            rows = self._connection.execute(
                f"SELECT 1 FROM pairs WHERE ({condition}) IS NOT TRUE LIMIT 1"  # noqa: S608 - own conditions
            ).fetchall()
        except duckdb.Error:
            # The values are past what the arithmetic holds: then it is no explanation either.
            return False
        return not rows

    def first(self, candidates: Iterable[tuple[str, str]]) -> str:
        """The words of the first condition that is true of every pair, or an empty string."""
        return next((words for condition, words in candidates if self.hold(condition)), "")

    def asked(self, expression: str, *, after: str = "") -> list[tuple[object, ...]]:
        """What DuckDB answers over the pairs; nothing where the arithmetic fails."""
        try:
            return self._connection.execute(f"SELECT {expression} FROM pairs {after}").fetchall()  # noqa: S608 - own expressions
        except duckdb.Error:
            return []

    @cached_property
    def differ(self) -> bool:
        """Whether any pair differs, where both sides are of one kind."""
        return not self.hold("e IS NOT DISTINCT FROM f")

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = engine()
        table = pa.table({"e": _in_utc(self.e), "f": _in_utc(self.f)})
        connection.register("pairs", table)
        return connection


def _in_utc(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Moments without their zone: DuckDB needs an extension to reckon with zones."""
    column = countable(column)
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp(column.type.unit))
    return column


def without_nulls(e: pa.ChunkedArray, f: pa.ChunkedArray) -> tuple[pa.ChunkedArray, ...]:
    """The rows in which both sides have a value."""
    both = pc.and_(pc.is_valid(e), pc.is_valid(f))
    if pc.all(both).as_py():
        return e, f
    return e.filter(both), f.filter(both)
