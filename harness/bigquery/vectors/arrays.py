"""Arrow arrays for those who write functions over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable

Column = "pa.Array | pa.ChunkedArray"


def one_array(column: Any) -> pa.Array:
    """A column in one piece, as DuckDB hands it over."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def each_distinct(work: Callable[..., Any], kind: pa.DataType, *columns: Any) -> pa.Array:
    """Answer each distinct combination of arguments once, and spread the answers.

    Args:
        work: What is done with one combination.
        kind: The type of its answers.
        columns: The arguments, of the same length.
    """
    rows = list(zip(*(one_array(one).to_pylist() for one in columns), strict=True))
    answers = {row: work(*row) for row in dict.fromkeys(rows)}
    return pa.array([answers[row] for row in rows], type=kind)
