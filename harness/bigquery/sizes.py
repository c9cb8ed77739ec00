"""Logical bytes of values, by "Data type sizes" of BigQuery's pricing reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.bigquery.database import Database
    from harness.bigquery.entries import Table
    from harness.bigquery.types import Field

_FIXED = {"BOOL": 1, "NUMERIC": 16, "BIGNUMERIC": 32, "INTERVAL": 16}
_DEFAULT = 8
# An UTF-8 text has two bytes and its own; a JSON only its own.
_TEXT_HEAD = {"STRING": 2, "BYTES": 2, "JSON": 0}


def bytes_read(
    database: Database,
    table: Table,
    *,
    fields: Iterable[Field] | None = None,
    columns: Iterable[str] | None = None,
    partitions: Iterable[str] | None = None,
) -> int:
    """Logical bytes of a table's columns in some of its partitions.

    Args:
        database: Holds the rows.
        table: The table.
        fields: What is read of each column, which may be a part of a STRUCT; all if not given.
        columns: Only these, in any case, or all.
        partitions: Only these ids, or all.
    """
    wanted = None if columns is None else {name.lower() for name in columns}
    given = table.fields if fields is None else fields
    read = [field for field in given if wanted is None or field.name.lower() in wanted]
    if not read or not table.rows:
        return 0
    where = ""
    if partitions is not None and table.partitioning is not None:
        ids = ", ".join(map(literal, partitions)) or "NULL"
        where = f" WHERE {table.partitioning.id_sql()} IN ({ids})"
    sums = ", ".join(f"sum({_size_sql(one, quoted(one.name))})" for one in read)
    with database.cursor() as cursor:
        row = cursor.execute(f"SELECT {sums} FROM {table.rows_in}{where}").fetchone()  # noqa: S608
    return sum(int(one) for one in row or () if one is not None)


def bytes_by_partition(database: Database, table: Table) -> dict[str, int]:
    """Logical bytes of each partition of a table that is cut."""
    if table.partitioning is None or not table.fields:
        return {}
    sizes = " + ".join(_size_sql(one, quoted(one.name)) for one in table.fields)
    with database.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT {table.partitioning.id_sql()}, sum({sizes}) FROM {table.rows_in} GROUP BY 1"  # noqa: S608
        ).fetchall()
    return {str(name): int(size) for name, size in rows}


def _size_sql(field: Field, value: str, depth: int = 0) -> str:
    """SQL of one value's bytes; a NULL has none."""
    if not field.repeated:
        return f"CASE WHEN {value} IS NULL THEN 0 ELSE {_one_sql(field, value, depth)} END"
    item = f"part_{depth}"
    inner = _one_sql(field, item, depth + 1)
    return f"coalesce(list_sum(list_transform({value}, lambda {item} : {inner})), 0)"


def _one_sql(field: Field, value: str, depth: int) -> str:
    if field.type == "STRUCT":
        parts = [
            _size_sql(one, f"struct_extract({value}, {literal(one.name)})", depth)
            for one in field.fields
        ]
        return f"({' + '.join(parts)})"
    if field.type in _TEXT_HEAD:
        size = "octet_length" if field.type == "BYTES" else "strlen"
        return f"({_TEXT_HEAD[field.type]} + {size}({value}))"
    return str(_FIXED.get(field.type, _DEFAULT))
