"""DuckDB as the harness asks it: in memory, without the web, and with no files of its own."""

from __future__ import annotations

import duckdb


def memory() -> duckdb.DuckDBPyConnection:
    """A database in memory that fetches no extensions and puts nothing on disk.

    Returns:
        A connection whose time zone is UTC; close it, or use it in a ``with``.
    """
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            # Else what does not fit in memory goes to ".tmp" in the folder of the caller.
            "temp_directory": "",
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection
