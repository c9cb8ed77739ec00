"""Files that tell their own columns: what they hold is brought into the columns of the table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.fields_duckdb import fields_from_duckdb
from harness.bigquery.loads.decimals import decimal_field, refuse_long_within
from harness.bigquery.loads.load_bad import READING, Staged
from harness.bigquery.loads.load_names import names_of, takes_flexible
from harness.bigquery.sql.failures import explained
from harness.bigquery.types import Field, checked, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import duckdb
    import pyarrow as pa

    from harness.bigquery.database import Database

_NAME = "file_content"
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
# DuckDB's times without a zone.
_CIVIL = ("timestamp", "timestamp_ms", "timestamp_s", "timestamp_ns")
_FIRST, _LAST = "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"


def staged_from(
    database: Database,
    cursor: duckdb.DuckDBPyConnection,
    reader: str,
    columns: Sequence[tuple[str, Any]],
    *,
    configuration: Mapping[str, Any],
    wanted: tuple[Field, ...] | None,
    targets: Sequence[str],
    kind: str = "Parquet",
    known: tuple[Field, ...] | None = None,
    long: Collection[str] = (),
) -> Staged:
    """Bring what a file holds into a new DuckDB table.

    Args:
        database: Holds the rows.
        cursor: Where ``reader`` is known.
        reader: SQL that stands in FROM.
        columns: Its columns with DuckDB's types.
        configuration: The JobConfigurationLoad.
        wanted: The columns of the job's schema, or None.
        targets: What a decimal may become where the job does not say.
        kind: The format, as messages name it.
        known: The columns where the format tells more of them than DuckDB's types do.
        long: Columns of texts that are decimals of more digits than DuckDB knows.

    Raises:
        ApiError: A column does not agree with the schema.
    """
    import duckdb  # noqa: PLC0415

    given = configuration.get("decimalTargetTypes") or targets
    old = [name for name, _ in columns]
    new = names_of(old, configuration)
    if new != old:
        listed = ", ".join(
            f"{quoted(one)} AS {quoted(other)}" for one, other in zip(old, new, strict=True)
        )
        reader = f"(SELECT {listed} FROM {reader})"  # noqa: S608
        columns = [(name, stored) for name, (_, stored) in zip(new, columns, strict=True)]
    for _, stored in columns:
        refuse_long_within(stored)
    asked = {field.name.lower(): field for field in wanted or ()}
    found = known or tuple(
        decimal_field(
            _instants(one), stored, given, wanted=asked.get(one.name.lower()), long=name in long
        )
        for one, (_, stored), name in zip(fields_from_duckdb(columns), columns, old, strict=True)
    )
    flexible = wanted is not None or takes_flexible(configuration)
    fields = checked(found if wanted is None else wanted, flexible=flexible)
    if wanted is not None and configuration.get("ignoreUnknownValues"):
        found = tuple(field for field in found if field.name.lower() in asked)
    civil = {name for name, stored in columns if stored.id in _CIVIL}
    cells = [
        (field.name, _typed(field, value, civil=value in map(quoted, civil)))
        for field, value in _cells(cursor, reader, fields, found, kind)
    ]
    staged = database.create(fields)
    try:
        if cells:
            names = ", ".join(quoted(name) for name, _ in cells)
            values = ", ".join(value for _, value in cells)
            database.know(values)
            cursor.execute(f"INSERT INTO {staged} ({names}) SELECT {values} FROM {reader}")  # noqa: S608
    except duckdb.Error as error:
        database.drop(staged)
        raise ApiError("invalid", f"{READING} {explained(error).message}") from error
    except BaseException:
        database.drop(staged)
        raise
    return Staged(fields=fields, table=staged)


def staged_from_arrow(database: Database, content: pa.Table, **options: Any) -> Staged:
    """Bring what Arrow has read of files into a new DuckDB table.

    Args:
        database: Holds the rows.
        content: What was read.
        options: As of ``staged_from``.

    Raises:
        ApiError: A column does not agree with the schema.
    """
    with database.cursor() as cursor:
        cursor.register(_NAME, content)
        return staged_from(database, cursor, _NAME, columns_of(cursor, _NAME), **options)


def columns_of(cursor: duckdb.DuckDBPyConnection, reader: str) -> list[tuple[str, Any]]:
    """The columns of what stands in FROM, with DuckDB's types."""
    relation = cursor.sql(f"SELECT * FROM {reader}")  # noqa: S608
    return list(zip(relation.columns, relation.types, strict=True))


def has_list(kind: Any) -> bool:
    """Whether a type of DuckDB has a list in it."""
    if kind.id == "struct":
        return any(has_list(child) for _, child in kind.children)
    return bool(kind.id == "list")


def _cells(
    cursor: duckdb.DuckDBPyConnection,
    reader: str,
    fields: Sequence[Field],
    found: Sequence[Field],
    kind: str,
) -> list[tuple[Field, str]]:
    in_file = {field.name.lower(): field for field in found}
    wanted = {field.name.lower() for field in fields}
    for field in found:
        if field.name.lower() not in wanted:
            raise UnsupportedError(f"column {field.name} of the file, which the schema lacks")
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
                raise _mismatch(known, field, kind)
            column = "NULL"
        cells.append((field, column))
    return cells


def _typed(field: Field, value: str, *, civil: bool) -> str:
    """SQL of a value with the type of its column.

    A time without a zone is one in UTC: told by its number, as a cast by time zone is slow.
    """
    if field.type == "BIGNUMERIC" and not field.repeated:
        return f"bq_to_bignumeric({value})"
    typed = f"CAST({value} AS {field.duckdb_type})"
    if field.type not in ("DATETIME", "TIMESTAMP") or field.repeated or value == "NULL":
        return typed
    by_zone = field.type == "TIMESTAMP"
    if civil:
        typed = f"{'make_timestamptz' if by_zone else 'make_timestamp'}(epoch_us({value}))"
    least, most = (
        f"CAST('{bound}{'+00' if by_zone else ''}' AS {field.duckdb_type})"
        for bound in (_FIRST, _LAST)
    )
    told = literal(f"bq:Invalid {field.type.lower()} value in column {field.name}")
    # What lies beyond the range of numbers is infinite, which has no microseconds.
    lost = f"({value} IS NOT NULL AND {typed} IS NULL)"
    outside = f"{typed} < {least} OR {typed} > {most} OR {lost}"
    return f"CASE WHEN {outside} THEN error({told}) ELSE {typed} END"


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


def _mismatch(known: Field, wanted: Field, kind: str) -> ApiError:
    stored = known.sql_type
    if kind == "Parquet":
        stored = _PHYSICAL.get(known.type, "BYTE_ARRAY")
    return ApiError(
        "invalid",
        f"{READING} {kind} column '{known.name}' has type {stored} which does not match the "
        f"target cpp_type {wanted.sql_type}.",
    )
