"""Keys that several rows of one side have, so that rows cannot be matched by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from harness.expect.groups import groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from harness.expect.compare.common import Half
    from harness.expect.compare.side import Side
    from harness.expect.groups import Groups


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
    found = groups(columns, most=most)
    if not found.values and cast and len(halves) == len(key):
        # Two decimals may have the same nearest double.
        found = _as_compared(halves, most=most)
    if found.values:
        yield Repeated(side=side, keys=found.values, rows=found.rows, first=found.first)


def _as_compared(key: Sequence[Half], *, most: int) -> Groups:
    """Without odd rows, which equal none of the other side."""
    even: pa.ChunkedArray | None = None
    for half in key:
        if half.odd is not None:
            mask = pc.invert(half.odd)
            even = mask if even is None else pc.and_(even, mask)
    return groups([half.values for half in key], among=even, most=most)
