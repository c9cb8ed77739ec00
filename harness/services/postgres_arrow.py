"""The result of a query in PostgreSQL as Arrow."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from adbc_driver_postgresql import dbapi

_QUERY = re.compile(
    r"(?:\s+|--[^\n]*\n|/\*.*?\*/|\()*(SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE | re.DOTALL
)


def fetch(url: str, statement: str) -> pa.Table:
    """Run a query and read its result in columns.

    NUMERIC becomes a decimal, of the declared precision and scale or, undeclared, of the largest
    that occurs; where it holds NaN or infinity, which Arrow's decimals cannot, it stays text.
    What Arrow has no type for (uuid, json, enumerations, ranges, inet, ...) comes as text, as
    PostgreSQL writes it. The field's metadata has the type under ``POSTGRESQL:type``.

    Args:
        url: Where to connect, for libpq.
        statement: One statement that returns rows.
    """
    with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        if not _QUERY.match(statement):
            # SHOW, EXPLAIN, INSERT ... RETURNING and their like cannot be wrapped in COPY.
            cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
        cursor.execute(_as_text(cursor, statement))
        table = cursor.fetch_arrow_table()
    for index, field in enumerate(table.schema):
        table = table.set_column(index, *_readable(field, table.column(index)))
    return table


def _as_text(cursor: Any, statement: str) -> str:
    """The statement, with the columns that Arrow has no type for turned into text."""
    schema = cursor.adbc_execute_schema(statement)
    if not _QUERY.match(statement):
        return statement
    unknown = {field.name for field in schema if _opaque(field.type)}
    names = [field.name for field in schema]
    if not unknown or len(set(names)) < len(names):
        return statement
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
    columns = [f"{quoted[name]}::text" if name in unknown else quoted[name] for name in names]
    inner = statement.rstrip().removesuffix(";")
    return f"SELECT {', '.join(columns)} FROM ({inner}\n) AS result"  # noqa: S608 - names quoted


def _opaque(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.OpaqueType):
        return not pa.types.is_string(kind.storage_type)
    return isinstance(kind, pa.UuidType)


def _readable(field: pa.Field, column: pa.ChunkedArray) -> tuple[pa.Field, pa.ChunkedArray]:
    facts = {
        key: value
        for key, value in (field.metadata or {}).items()
        if key.startswith(b"POSTGRESQL:")
    }
    column = _stored(column)
    if facts.get(b"POSTGRESQL:type") == b"numeric":
        column = _decimals(column, int(facts.get(b"POSTGRESQL:typmod", b"-1")))
    return pa.field(field.name, column.type, nullable=field.nullable, metadata=facts), column


def _stored(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The plain values below an extension type, also inside lists."""
    kind = column.type
    if pa.types.is_list(kind) and isinstance(kind.value_type, pa.BaseExtensionType):
        return column.cast(pa.list_(kind.value_type.storage_type))
    if isinstance(kind, pa.BaseExtensionType):
        return column.cast(kind.storage_type)
    return column


def _decimals(column: pa.ChunkedArray, modifier: int) -> pa.ChunkedArray:
    if modifier >= 0:
        # As numeric_typmod_precision and _scale of PostgreSQL's numeric.c; a scale may be negative.
        precision = (modifier - 4) >> 16 & 0xFFFF
        scale = (((modifier - 4) & 0x7FF) ^ 1024) - 1024
    else:
        digits = pc.replace_substring_regex(column, r"^-?0*", "")
        whole = pc.utf8_length(pc.replace_substring_regex(digits, r"\..*$", ""))
        part = pc.utf8_length(pc.replace_substring_regex(digits, r"^[^.]*\.?", ""))
        scale = pc.max(part).as_py() or 0
        precision = max((pc.max(whole).as_py() or 0) + scale, 1)
    if precision > 76 or not 0 <= scale <= precision:  # noqa: PLR2004 - Arrow's limit
        return column
    kind = pa.decimal128 if precision <= 38 else pa.decimal256  # noqa: PLR2004
    try:
        return column.cast(kind(precision, scale))
    except pa.ArrowInvalid:
        return column
