"""Parquet: the file tells its columns, a given schema must agree with them.

Types are converted as BigQuery's "Loading Parquet data" says: a timestamp is a TIMESTAMP whether it
is adjusted to UTC or not, unless the job's schema says DATETIME. The service tells so itself where
such a file is appended to a DATETIME without a schema: "Field test_column has changed type from
DATETIME to TIMESTAMP" (github.com/googleapis/python-bigquery/issues/2214).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.loads.load_bad import READING, Staged
from harness.bigquery.loads.load_columns import columns_of, has_list, staged_from
from harness.bigquery.loads.load_parquet_decimals import long_decimals, with_texts
from harness.bigquery.loads.load_parquet_lists import as_written
from harness.bigquery.types import Field, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

    from harness.bigquery.database import Database
    from harness.bigquery.loads.loads import Source

_NAME = "parquet_content"


def stage(
    database: Database,
    files: Source,
    configuration: Mapping[str, Any],
    wanted: tuple[Field, ...] | None,
) -> Staged:
    """Read files into a new DuckDB table.

    Args:
        database: Holds the rows.
        files: The files.
        configuration: The JobConfigurationLoad.
        wanted: The columns of the job's schema, or None.

    Raises:
        ApiError: A file cannot be read, or does not agree with the schema.
    """
    lists = bool((configuration.get("parquetOptions") or {}).get("enableListInference"))
    with database.cursor() as cursor:
        reader, columns, long = _looked_at(cursor, files.paths, lists=lists)
        return staged_from(
            database,
            cursor,
            reader,
            columns,
            configuration=configuration,
            wanted=wanted,
            targets=("NUMERIC",),
            long=long,
        )


def _looked_at(
    cursor: duckdb.DuckDBPyConnection, paths: Sequence[Path], *, lists: bool
) -> tuple[str, list[tuple[str, Any]], set[str]]:
    """What stands in FROM for files, its columns, and those of them that are long decimals."""
    import duckdb  # noqa: PLC0415

    listed = ", ".join(literal(str(path)) for path in paths)
    reader = f"read_parquet([{listed}])"
    try:
        columns = columns_of(cursor, reader)
        if long := long_decimals(cursor, columns, paths):
            cursor.register(_NAME, with_texts(paths, long))
            reader, columns = _NAME, columns_of(cursor, _NAME)
        if not lists and any(has_list(kind) for _, kind in columns):
            reader = as_written(reader, columns, paths[0])
            columns = columns_of(cursor, reader)
    except (duckdb.Error, OSError, ValueError, NotImplementedError) as error:
        # The last two are those of Arrow.
        raise ApiError(
            "invalid", f"{READING} Input file is not in Parquet format. {_first(error)}"
        ) from error
    return reader, columns, long


def _first(error: Exception) -> str:
    # Without the path, which is the stub's own.
    return str(error).split("\n", 1)[0].split("'")[0].strip()
