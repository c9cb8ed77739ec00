"""Parquet: the file tells its columns, a given schema must agree with them.

Types are converted as BigQuery's "Loading Parquet data" says; a timestamp without a time zone is
a TIMESTAMP unless the schema says DATETIME.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.failures import explained
from harness.bigquery.types import Field, checked, fields_from_duckdb, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from harness.bigquery.database import Database
    from harness.bigquery.loads import Source

_TAKES = {
    "TIMESTAMP": ("TIMESTAMP", "DATETIME"),
    "STRING": ("STRING", "JSON"),
    "BYTES": ("BYTES", "STRING"),
}
_PHYSICAL = {
    "INT64": "INT64",
    "FLOAT64": "DOUBLE",
    "BOOL": "BOOLEAN",
    "DATE": "INT32",
    "TIMESTAMP": "INT64",
    "TIME": "INT64",
    "NUMERIC": "FIXED_LEN_BYTE_ARRAY",
}
_READING = "Error while reading data, error message:"


def stage(
    database: Database,
    files: Source,
    configuration: Mapping[str, Any],
    wanted: tuple[Field, ...] | None,
) -> tuple[tuple[Field, ...], str]:
    """Read files into a new DuckDB table.

    Args:
        database: Holds the rows.
        files: The files.
        configuration: The JobConfigurationLoad.
        wanted: The columns of the job's schema, or None.

    Returns:
        The columns and the name of the table.

    Raises:
        ApiError: A file cannot be read, or does not agree with the schema.
    """
    import duckdb  # noqa: PLC0415

    paths = ", ".join(literal(str(path)) for path in files.paths)
    reader = f"read_parquet([{paths}])"
    options = configuration.get("parquetOptions") or {}
    with database.cursor() as cursor:
        try:
            relation = cursor.sql(f"SELECT * FROM {reader}")  # noqa: S608
            columns = list(zip(relation.columns, relation.types, strict=True))
        except duckdb.Error as error:
            raise ApiError(
                "invalid", f"{_READING} Input file is not in Parquet format. {_first(error)}"
            ) from error
        found = tuple(_instants(field) for field in fields_from_duckdb(columns))
        if any(map(_has_list, found)) and not options.get("enableListInference"):
            raise UnsupportedError("lists in parquet without enableListInference")
        fields = checked(found if wanted is None else wanted)
        cells = _cells(cursor, reader, fields, found)
        staged = database.create(fields)
        try:
            if cells:
                names = ", ".join(quoted(name) for name, _ in cells)
                values = ", ".join(value for _, value in cells)
                cursor.execute(f"INSERT INTO {staged} ({names}) SELECT {values} FROM {reader}")  # noqa: S608
        except duckdb.Error as error:
            database.drop(staged)
            raise ApiError("invalid", f"{_READING} {explained(error).message}") from error
        except BaseException:
            database.drop(staged)
            raise
    return fields, staged


def _cells(
    cursor: duckdb.DuckDBPyConnection,
    reader: str,
    fields: Sequence[Field],
    found: Sequence[Field],
) -> list[tuple[str, str]]:
    in_file = {field.name.lower(): field for field in found}
    wanted = {field.name.lower() for field in fields}
    for field in found:
        if field.name.lower() not in wanted:
            raise UnsupportedError(f"parquet column {field.name}, which the schema does not have")
    cells = []
    for field in fields:
        known = in_file.get(field.name.lower())
        if known is None:
            continue
        column = quoted(known.name)
        if not _agrees(known, field):
            # A column of nothing has whatever type its writer chose.
            held = cursor.execute(
                f"SELECT 1 FROM {reader} WHERE {column} IS NOT NULL LIMIT 1"  # noqa: S608
            ).fetchone()
            if held:
                raise _mismatch(known, field)
            cells.append((field.name, f"CAST(NULL AS {field.duckdb_type})"))
        else:
            cells.append((field.name, f"CAST({column} AS {field.duckdb_type})"))
    return cells


def _agrees(known: Field, wanted: Field) -> bool:
    if known.repeated != wanted.repeated:
        return False
    if known.type == wanted.type == "STRUCT":
        given = {field.name.lower(): field for field in known.fields}
        return [field.name.lower() for field in known.fields] == [
            field.name.lower() for field in wanted.fields
        ] and all(_agrees(given[field.name.lower()], field) for field in wanted.fields)
    return wanted.type in _TAKES.get(known.type, (known.type,))


def _instants(field: Field) -> Field:
    kind = "TIMESTAMP" if field.type == "DATETIME" else field.type
    return replace(field, type=kind, fields=tuple(map(_instants, field.fields)))


def _has_list(field: Field) -> bool:
    return field.repeated or any(map(_has_list, field.fields))


def _mismatch(known: Field, wanted: Field) -> ApiError:
    physical = _PHYSICAL.get(known.type, "BYTE_ARRAY")
    return ApiError(
        "invalid",
        f"{_READING} Parquet column '{known.name}' has type {physical} which does not match the "
        f"target cpp_type {wanted.sql_type}.",
    )


def _first(error: duckdb.Error) -> str:
    # Without the path, which is the stub's own.
    return str(error).split("\n", 1)[0].split("'")[0].strip()
