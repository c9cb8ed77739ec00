"""A seed as a table of PostgreSQL: in columns, by COPY."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from harness.seeds.reader import Seed
    from harness.services.postgres import Postgres

_STAGED = "mage_harness_seed"
_READERS = {
    ".csv": "read_csv",
    ".csv.gz": "read_csv",
    ".parquet": "read_parquet",
    ".jsonl": "read_json",
}


def plant_table(postgres: Postgres, seed: Seed) -> None:
    """Make a table of a file; rows are added where SQL has made it already.

    Args:
        postgres: The service.
        seed: The file, and ``schema.table``.

    Raises:
        ValueError: The file cannot be read, or its rows do not fit.
    """
    from adbc_driver_manager import Error as AdbcError  # noqa: PLC0415
    from adbc_driver_postgresql import dbapi  # noqa: PLC0415

    schema, _, table = seed.name.partition(".")
    rows = _rows(seed)
    try:
        with dbapi.connect(postgres.url) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(schema)}")
            cursor.execute(
                "SELECT to_regclass($1) IS NOT NULL", (f"{_quoted(schema)}.{_quoted(table)}",)
            )
            if cursor.fetchall()[0][0]:
                # PostgreSQL converts to the table's own types.
                cursor.adbc_ingest(_STAGED, rows, mode="create", temporary=True)
                names = ", ".join(map(_quoted, rows.column_names))
                cursor.execute(
                    f"INSERT INTO {_quoted(schema)}.{_quoted(table)} ({names}) "  # noqa: S608
                    f"SELECT {names} FROM pg_temp.{_STAGED}"
                )
            else:
                cursor.adbc_ingest(table, rows, mode="create", db_schema_name=schema)
            connection.commit()
    except AdbcError as error:
        raise ValueError(str(error)) from error


def _rows(seed: Seed) -> pa.Table:
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as connection:
        try:
            found = connection.sql(f"FROM {_READERS[seed.kind]}(?)", params=[str(seed.file)])
            rows: pa.Table = found.to_arrow_table()
        except duckdb.Error as error:
            raise ValueError(str(error)) from error
    return rows


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
