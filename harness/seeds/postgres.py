"""A seed as a table of PostgreSQL: in columns, by COPY."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.engine import memory
from harness.seeds.rows import found, is_csv, readable

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from harness.seeds.reader import Seed
    from harness.services.postgres import Postgres

_STAGED = "mage_harness_seed"
_TYPES = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
"""


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
    target = f"{_quoted(schema)}.{_quoted(table)}"
    try:
        with dbapi.connect(postgres.url) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(schema)}")
            cursor.execute(_TYPES, (target,))
            types = dict(cursor.fetchall())
            rows = _rows(seed, texts=bool(types))
            if types:
                # PostgreSQL converts to the table's own types.
                cursor.adbc_ingest(_STAGED, rows, mode="create", temporary=True)
                names = ", ".join(map(_quoted, rows.column_names))
                cast = ", ".join(
                    _cast(name, types.get(name), empty_is_null=is_csv(seed))
                    for name in rows.column_names
                )
                cursor.execute(
                    # A column that always counts by itself takes the file's numbers too.
                    f"INSERT INTO {target} ({names}) OVERRIDING SYSTEM VALUE "  # noqa: S608
                    f"SELECT {cast} FROM pg_temp.{_STAGED}"
                )
            else:
                cursor.adbc_ingest(table, rows, mode="create", db_schema_name=schema)
            connection.commit()
    except AdbcError as error:
        raise ValueError(str(error)) from error


def _rows(seed: Seed, *, texts: bool) -> pa.Table:
    """The rows of a file.

    Args:
        seed: The seed.
        texts: Whether a table says what the columns are; see ``found``.
    """
    with memory() as connection, readable():
        rows = found(connection, seed, texts=texts)
        table: pa.Table = rows.select(*_columns(rows, texts=texts)).to_arrow_table()
    return table


def _cast(name: str, kind: str | None, *, empty_is_null: bool) -> str:
    if kind is None:
        return _quoted(name)
    text = kind.partition("(")[0] in ("text", "character varying", "character")
    value = f"NULLIF({_quoted(name)}, '')" if empty_is_null and not text else _quoted(name)
    return f"{value}::{kind}"


def _columns(rows: duckdb.DuckDBPyRelation, *, texts: bool) -> list[duckdb.Expression]:
    import duckdb  # noqa: PLC0415

    columns = []
    for name, kind in zip(rows.columns, map(str, rows.types), strict=True):
        column = duckdb.ColumnExpression(name)
        if kind in ("UBIGINT", "UHUGEINT", "HUGEINT"):
            # PostgreSQL's bigint has no room for them, and the driver would cut them off.
            column = column.cast("DECIMAL(38, 0)").alias(name)
        elif texts and kind.startswith(("STRUCT", "MAP")):
            column = duckdb.FunctionExpression("to_json", column).cast("VARCHAR").alias(name)
        columns.append(column)
    return columns


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
