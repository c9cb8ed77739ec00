"""Columns of a sink in DuckDB, under names that need no quotes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextmanager
def loaded(columns: Sequence[pa.ChunkedArray]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that knows the columns as ``c0``, ``c1`` and so on of the table ``part``.

    Args:
        columns: Columns of one length, without what is only layout.
    """
    named = {f"c{at}": _known(column) for at, column in enumerate(columns)}
    with duckdb.connect() as connection:
        connection.register("part", pa.table(named))
        yield connection


def _known(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """DuckDB has no decimals past 38 digits; the text of equal ones is equal."""
    return pc.cast(column, pa.string()) if pa.types.is_decimal256(column.type) else column
