"""Columns without what is only layout in memory, and the kind of value that they hold."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.engine import engine

_KINDS = (
    ("null", pa.types.is_null),
    ("boolean", pa.types.is_boolean),
    ("number", pa.types.is_integer),
    ("number", pa.types.is_floating),
    ("number", pa.types.is_decimal),
    ("text", pa.types.is_large_string),
    ("binary", pa.types.is_large_binary),
    ("date", pa.types.is_date),
    ("timestamp", pa.types.is_timestamp),
    ("time", pa.types.is_time),
    ("duration", pa.types.is_duration),
)


_LAYOUTS = (
    (pa.types.is_string, pa.large_string()),
    (pa.types.is_string_view, pa.large_string()),
    (pa.types.is_binary, pa.large_binary()),
    (pa.types.is_binary_view, pa.large_binary()),
    (pa.types.is_fixed_size_binary, pa.large_binary()),
    (pa.types.is_float16, pa.float32()),
    (pa.types.is_date64, pa.date32()),
    (lambda kind: isinstance(kind, pa.UuidType), pa.large_string()),
)


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same values without dictionaries, extension types, views and narrow offsets.

    A uuid becomes its text, as PostgreSQL and BigQuery give it.
    """
    kind = column.type
    if isinstance(kind, pa.UuidType):
        # Arrow casts no uuid to text.
        with engine() as connection:
            connection.register("part", pa.table({"value": column}))
            texts = connection.sql("SELECT value::VARCHAR AS value FROM part").to_arrow_table()
        return texts.column("value").cast(pa.large_string())
    if isinstance(kind, pa.BaseExtensionType):
        return plain(column.cast(kind.storage_type))
    wanted = plain_type(kind)
    if wanted == kind:
        return column
    try:
        return pc.cast(column, wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return column


def countable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Plain values that DuckDB can group: it has no decimals past 38 digits."""
    column = plain(column)
    if pa.types.is_decimal256(column.type):
        # Of one scale, equal numbers have one text.
        return pc.cast(column, pa.string())
    return column


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type of ``plain`` values of a type."""
    for is_one, wanted in _LAYOUTS:
        if is_one(kind):
            return wanted
    if isinstance(kind, pa.BaseExtensionType):
        return plain_type(kind.storage_type)
    if pa.types.is_dictionary(kind):
        return plain_type(kind.value_type)
    if _is_list(kind):
        return pa.list_(plain_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, plain_type(field.type)) for field in kind])
    return kind


def kind_of(kind: pa.DataType) -> str:
    """The kind of value, whatever its width: two of another kind are never one value.

    Returns:
        ``number``, ``text``, ``date``, ... and ``list<number>`` or ``struct<a: text>`` of those.
    """
    kind = plain_type(kind)
    for name, holds in _KINDS:
        if holds(kind):
            return name
    if _is_list(kind):
        return f"list<{kind_of(kind.value_type)}>"
    if pa.types.is_struct(kind):
        parts = sorted(f"{field.name}: {kind_of(field.type)}" for field in kind)
        return f"struct<{', '.join(parts)}>"
    return str(kind)


def _is_list(kind: pa.DataType) -> bool:
    return any(
        of(kind)
        for of in (
            pa.types.is_list,
            pa.types.is_large_list,
            pa.types.is_fixed_size_list,
            pa.types.is_list_view,
            pa.types.is_large_list_view,
        )
    )
