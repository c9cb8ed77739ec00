"""Columns of a sink in DuckDB, under names that need no quotes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from harness.expect.engine import engine
from harness.expect.layout import countable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb


@contextmanager
def loaded(columns: Sequence[pa.ChunkedArray]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that knows the columns as ``c0``, ``c1`` and so on of the table ``part``.

    Args:
        columns: Columns of one length, without what is only layout.
    """
    named = {f"c{at}": countable(column) for at, column in enumerate(columns)}
    with engine() as connection:
        connection.register("part", pa.table(named))
        yield connection
