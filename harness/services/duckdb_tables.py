"""The tables of one database file of DuckDB, read in columns and never written."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.errors import CheckFailedError
from harness.services.protocol import Column, Sink

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb
    import pyarrow as pa

_NEWER = re.compile(r"(?i)version number|newer version|storage version|serialization version")
_COLUMNS = """
SELECT c.schema_name, c.table_name, v.view_oid IS NOT NULL,
    list(c.column_name ORDER BY c.column_index), list(c.data_type ORDER BY c.column_index),
    list(c.is_nullable ORDER BY c.column_index)
FROM duckdb_columns() c LEFT JOIN duckdb_views() v
    ON v.database_name = 'file' AND v.schema_name = c.schema_name AND v.view_name = c.table_name
WHERE c.database_name = 'file' AND NOT c.internal
GROUP BY ALL ORDER BY ALL
"""
_FACTS = "SELECT count(*), coalesce(sum(hash(t))::VARCHAR, '') FROM {} t"


def sinks(name: str, file: Path, *, views: bool = False) -> list[Sink]:
    """The tables of a file.

    Args:
        name: The file's name in that of its tables.
        file: The file.
        views: Whether views are wanted too; what they show is read for it.

    Raises:
        CheckFailedError: The file cannot be read.
    """
    found = []
    with _opened(file) as connection:
        for schema, table, is_view, *columns in connection.execute(_COLUMNS).fetchall():
            if is_view and not views:
                continue
            # Rows in another order are the same, and so is a table that is written anew with them.
            row = connection.execute(_FACTS.format(_quoted(schema, table))).fetchone()
            rows, version = row or (0, "")
            found.append(
                Sink(
                    service="duckdb",
                    name=f"{name}:{schema}.{table}",
                    rows=rows,
                    columns=tuple(
                        Column(name=column, type=kind, nullable=nullable)
                        for column, kind, nullable in zip(*columns, strict=True)
                    ),
                    version=version,
                )
            )
    return found


def read(file: Path, table: str) -> pa.Table:
    """All rows of a table.

    Args:
        file: The file.
        table: ``schema.table``.

    Raises:
        CheckFailedError: The file cannot be read.
    """
    schema, _, name = table.partition(".")
    with _opened(file) as connection:
        return connection.sql(f"SELECT * FROM {_quoted(schema, name)}").to_arrow_table()  # noqa: S608


@contextmanager
def _opened(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb  # noqa: PLC0415 - a stack starts before anything is read

    from harness.engine import memory  # noqa: PLC0415

    with memory() as connection:
        try:
            path = str(file).replace("'", "''")
            connection.execute(f"ATTACH '{path}' AS file (READ_ONLY)")
            yield connection
        except duckdb.Error as error:
            raise _unreadable(file, error, version=duckdb.__version__) from error


def _unreadable(file: Path, error: Exception, *, version: str) -> CheckFailedError:
    told = str(error).strip()
    newer = _NEWER.search(told)
    return CheckFailedError(
        f"the DuckDB file {file.name} cannot be read",
        cause=told.splitlines()[0] if told else repr(error),
        evidence=[f"the harness reads it with duckdb {version}"],
        remedy="a newer duckdb wrote it: install that one beside the harness, or pin an older one"
        " in the project's requirements"
        if newer
        else "look whether the pipeline closed it, and what wrote it",
    )


def _quoted(schema: str, table: str) -> str:
    names = (name.replace('"', '""') for name in ("file", schema, table))
    return ".".join(f'"{name}"' for name in names)
