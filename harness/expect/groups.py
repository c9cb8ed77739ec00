"""Rows grouped by their values: which values repeat, and how often; columnar, in DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.engine import engine
from harness.expect.layout import countable

if TYPE_CHECKING:
    from collections.abc import Sequence

COUNTED = "min(position), count(*), count(*) OVER (), sum(count(*)) OVER ()"
"""What a query that groups rows by their values selects, for ``gathered``."""


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Values, and the rows that have them.

    Attributes:
        values: How many values.
        rows: How many rows have them.
        first: First position and number of rows of some, those with most rows first.
    """

    values: int = 0
    rows: int = 0
    first: tuple[tuple[int, int], ...] = ()

    @property
    def surplus(self) -> int:
        """The rows that have the value of a row before them."""
        return self.rows - self.values


def groups(
    columns: Sequence[pa.ChunkedArray],
    *,
    among: pa.ChunkedArray | None = None,
    at_least: int = 2,
    most: int = 1,
) -> Groups:
    """Values that several rows have in some columns together. A null equals a null.

    Args:
        columns: The columns, of one length.
        among: Marks the rows to look at; all, if not given.
        at_least: How many rows have a value at the least.
        most: How many values to name.
    """
    named = {f"c{at}": countable(column) for at, column in enumerate(columns)}
    data = {**named, "position": row_positions(0, len(columns[0]))}
    where = ""
    if among is not None:
        data["among"] = among
        where = " WHERE among"
    with engine() as connection:
        connection.register("part", pa.table(data))
        rows = connection.execute(
            f"SELECT {COUNTED} FROM part{where} GROUP BY {', '.join(named)}"  # noqa: S608 - own names
            " HAVING count(*) >= ? ORDER BY 2 DESC, 1 LIMIT ?",
            [at_least, most],
        ).fetchall()
    return gathered(rows)


def gathered(rows: Sequence[tuple[Any, ...]]) -> Groups:
    """The answer to a query that selects ``COUNTED``."""
    if not rows:
        return Groups()
    _, _, values, number = rows[0]
    return Groups(
        values=values, rows=int(number), first=tuple((first, count) for first, count, _, _ in rows)
    )


def row_positions(start: int, end: int) -> pa.Array:
    """Numbers of rows.

    Args:
        start: The first.
        end: The one after the last.
    """
    if start >= end:
        return pa.array([], pa.int64())
    ones = pa.repeat(pa.scalar(1, pa.int64()), end - start)
    return pc.add(pc.cumulative_sum(ones), start - 1)
