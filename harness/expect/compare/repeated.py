"""Keys that several rows of one side have, so that rows cannot be matched by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from harness.expect.compare.pairing import row_positions
from harness.expect.engine import engine
from harness.expect.layout import countable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.expect.compare.common import Half
    from harness.expect.compare.side import Side

Found = tuple[int, int, list[tuple[int, int]]]
"""The number of keys, that of their rows, and the first position and number of rows of some."""


@dataclass(frozen=True, kw_only=True)
class Repeated:
    """Keys that several rows of one side have.

    Attributes:
        side: Whose.
        keys: How many keys.
        rows: How many rows have them.
        first: First position and number of rows of those with most rows.
    """

    side: Side
    keys: int
    rows: int
    first: tuple[tuple[int, int], ...]


def repeated_keys(
    side: Side, key: Sequence[tuple[str, Half | None]], *, most: int
) -> Iterator[Repeated]:
    """Keys that several rows have as they are, or as they are compared.

    Args:
        side: The rows.
        key: The columns, each as it is compared; None where it is not.
        most: How many to name.
    """
    if not key:
        return
    columns = [side.exact(name) for name, _ in key]
    halves = [half for _, half in key if half is not None]
    cast = [one.values.type for one in halves] != [one.type for one in columns]
    keys, rows, first = twice(columns, most=most)
    if not keys and cast and len(halves) == len(key):
        # Two decimals may have the same nearest double.
        keys, rows, first = _as_compared(halves, most=most)
    if keys:
        yield Repeated(side=side, keys=keys, rows=rows, first=tuple(first))


def twice(columns: Sequence[pa.ChunkedArray], *, most: int) -> Found:
    """Values that several rows have in some columns.

    Args:
        columns: The columns, of one length.
        most: How many to name.
    """
    named = {f"c{at}": countable(column) for at, column in enumerate(columns)}
    return _found(named, odd={}, most=most)


def _as_compared(key: Sequence[Half], *, most: int) -> Found:
    """Without odd rows, which equal none of the other side."""
    named = {f"c{at}": half.values for at, half in enumerate(key)}
    odd = {f"o{at}": half.odd for at, half in enumerate(key) if half.odd is not None}
    return _found(named, odd=odd, most=most)


def _found(
    columns: Mapping[str, pa.ChunkedArray], *, odd: Mapping[str, pa.ChunkedArray], most: int
) -> Found:
    where = f" WHERE NOT ({' OR '.join(odd)})" if odd else ""
    with engine() as connection:
        positions = row_positions(0, len(next(iter(columns.values()))))
        connection.register("side", pa.table({**columns, **odd, "position": positions}))
        rows = connection.execute(
            "SELECT min(position), count(*), count(*) OVER (), sum(count(*)) OVER ()"  # noqa: S608 - own names
            f" FROM side{where} GROUP BY {', '.join(columns)} HAVING count(*) > 1"
            " ORDER BY 2 DESC, 1 LIMIT ?",
            [most],
        ).fetchall()
    if not rows:
        return 0, 0, []
    return rows[0][2], int(rows[0][3]), [(first, number) for first, number, _, _ in rows]
