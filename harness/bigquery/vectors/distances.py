"""EDIT_DISTANCE for all rows at once. Source: "String functions" of the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from harness.bigquery.vectors.arrays import one_array

_PAST = -1


def edit_distance(left: Any, right: Any) -> pa.Array:
    """The Levenshtein distance in characters."""
    first, second = _codes(left), _codes(right)
    sizes = np.array([len(one) for one in first]), np.array([len(one) for one in second])
    if not len(first):
        return pa.array([], pa.int64())
    a, b = _padded(first, sizes[0]), _padded(second, sizes[1])
    wide = b.shape[1]
    row = np.tile(np.arange(wide + 1), (len(first), 1))
    kept = np.where(sizes[0] == 0, row[np.arange(len(first)), sizes[1]], 0)
    for place in range(a.shape[1]):
        new = np.empty_like(row)
        new[:, 0] = place + 1
        same = a[:, place, None] == b
        for column in range(wide):
            new[:, column + 1] = np.minimum(
                np.minimum(new[:, column], row[:, column + 1]) + 1,
                row[:, column] + ~same[:, column],
            )
        row = new
        done = sizes[0] == place + 1
        kept[done] = row[done, sizes[1][done]]
    return pa.array(kept, pa.int64())


def _codes(column: Any) -> list[Any]:
    """The code points of each text."""
    texts = one_array(column).to_pylist()
    return [np.frombuffer(one.encode("utf-32-le"), np.uint32).astype(np.int64) for one in texts]


def _padded(codes: list[Any], sizes: Any) -> Any:
    made = np.full((len(codes), int(sizes.max(initial=0))), _PAST, np.int64)
    made[np.arange(made.shape[1]) < sizes[:, None]] = np.concatenate(codes)
    return made
