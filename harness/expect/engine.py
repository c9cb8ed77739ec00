"""The one DuckDB that expectations ask; to make another takes longer than most questions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from harness.engine import memory

if TYPE_CHECKING:
    import duckdb


def engine() -> duckdb.DuckDBPyConnection:
    """A connection with tables and views of its own; close it, or use it in a ``with``."""
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return memory()
