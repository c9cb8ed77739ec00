"""The columns of a read session: which of them, as Arrow and as DuckDB's SQL.

"Arrow schema details" of the Storage Read API's reference tells the types; metadata, names and what
may be null are as google-cloud-bigquery itself makes them for rows that come by REST
(``bq_to_arrow_field``), so that both ways give equal tables.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.field_names import PARTITION_DATE, PARTITION_TIME
from harness.bigquery.types import Field, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.bigquery.entries import Table

_SCALARS = {
    "INT64": pa.int64(),
    "FLOAT64": pa.float64(),
    "NUMERIC": pa.decimal128(38, 9),
    "BIGNUMERIC": pa.decimal256(76, 38),
    "BOOL": pa.bool_(),
    "STRING": pa.string(),
    "BYTES": pa.binary(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "DATETIME": pa.timestamp("us"),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
    "JSON": pa.string(),
    "INTERVAL": pa.month_day_nano_interval(),
    **{
        f"RANGE<{name}>": pa.struct([("start", kind), ("end", kind)])
        for name, kind in (
            ("DATE", pa.date32()),
            ("DATETIME", pa.timestamp("us")),
            ("TIMESTAMP", pa.timestamp("us", tz="UTC")),
        )
    },
}
_METADATA = {
    "DATETIME": {"ARROW:extension:name": "google:sqlType:datetime"},
    "JSON": {"ARROW:extension:name": "google:sqlType:json"},
}
_PSEUDO = (
    Field(name=PARTITION_TIME, type="TIMESTAMP"),
    Field(name=PARTITION_DATE, type="DATE"),
)


def chosen(table: Table, names: Sequence[str]) -> tuple[Field, ...]:
    """The columns that ``selected_fields`` names, in the table's order; all where it is empty.

    A part of a STRUCT is named ``record.part``; of such a STRUCT only the named parts are left. The
    columns that no ``*`` shows can be named too.

    Raises:
        ApiError: A name is not there.
    """
    if not names:
        return table.fields
    fields = table.fields + (_PSEUDO if table.pseudo else ())
    paths = {name.lower(): tuple(name.lower().split(".")) for name in names}
    missing = [name for name in names if not _known(fields, paths[name.lower()])]
    if missing:
        raise ApiError(
            "invalid",
            "The following selected fields do not exist in the table schema: " + ", ".join(missing),
        )
    return _pruned(fields, paths.values())


def _known(fields: Iterable[Field], path: tuple[str, ...]) -> bool:
    found = next((one for one in fields if one.name.lower() == path[0]), None)
    return found is not None and (len(path) == 1 or _known(found.fields, path[1:]))


def _pruned(fields: Iterable[Field], paths: Iterable[tuple[str, ...]]) -> tuple[Field, ...]:
    kept = []
    for field in fields:
        rests = [path[1:] for path in paths if path[0] == field.name.lower()]
        if () in rests:
            kept.append(field)
        elif rests:
            kept.append(replace(field, fields=_pruned(field.fields, rests)))
    return tuple(kept)


def arrow_schema(fields: Iterable[Field]) -> pa.Schema:
    """The schema of a session.

    Raises:
        UnsupportedError: A column has a type that is not read this way.
    """
    return pa.schema([_arrow_field(field) for field in fields])


def _arrow_field(field: Field) -> pa.Field:
    kind = _arrow_type(field)
    return pa.field(
        field.name,
        pa.list_(kind) if field.repeated else kind,
        nullable=not field.repeated,
        metadata=_METADATA.get(field.type),
    )


def _arrow_type(field: Field) -> pa.DataType:
    if field.type == "STRUCT":
        return pa.struct([_arrow_field(one) for one in field.fields])
    if field.type not in _SCALARS:
        raise UnsupportedError(f"type {field.type} of column {field.name} in the Storage Read API")
    return _SCALARS[field.type]


def column_sql(table: Table, field: Field) -> str:
    """SQL of a chosen column, under its name.

    Args:
        table: The table that it is of.
        field: The column, or what was left of it.
    """
    if field.name == PARTITION_DATE and table.pseudo:
        return f"CAST({quoted(PARTITION_TIME)} AS DATE) AS {quoted(PARTITION_DATE)}"
    own = {one.name: one for one in table.fields}
    value = _value_sql(own.get(field.name, field), field, quoted(field.name))
    return f"{value} AS {quoted(field.name)}"


def _value_sql(whole: Field, wanted: Field, value: str, depth: int = 0) -> str:
    """SQL of what is wanted of a value.

    Args:
        whole: The field as the table has it.
        wanted: The same, with the parts that are wanted.
        value: SQL of its value.
        depth: How many ARRAYs it stands in, for distinct names.
    """
    if wanted == whole and not _is_told_otherwise(wanted):
        return value
    if wanted.repeated:
        item = f"item_{depth}"
        return f"list_transform({value}, lambda {item} : {_one_sql(whole, wanted, item, depth)})"
    return _one_sql(whole, wanted, value, depth)


def _one_sql(whole: Field, wanted: Field, value: str, depth: int) -> str:
    if wanted.type == "BIGNUMERIC":
        return f"bq_big_text({value})"
    if wanted.type.startswith("RANGE<"):
        return f"bq_range_ends({value})"
    if wanted.type != "STRUCT":
        return value
    own = {one.name: one for one in whole.fields}
    parts = ", ".join(
        f"{quoted(one.name)} := "
        + _value_sql(own[one.name], one, f"struct_extract({value}, {literal(one.name)})", depth + 1)
        for one in wanted.fields
    )
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({parts}) END"


def _is_told_otherwise(field: Field) -> bool:
    """Whether a BIGNUMERIC, which Arrow reads as a text, or a RANGE is in it."""
    own = field.type == "BIGNUMERIC" or field.type.startswith("RANGE<")
    return own or any(map(_is_told_otherwise, field.fields))


def fitted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch of DuckDB's as the session's schema has it; what differs in name only is not copied.

    Args:
        batch: The batch; its columns are in the schema's order.
        schema: The schema of the session.
    """
    columns = [_fitted(column, field) for column, field in zip(batch.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _fitted(array: pa.Array, field: pa.Field) -> pa.Array:
    """An array with the names of a type; an ARRAY that is NULL is empty, as BigQuery has it."""
    if pa.types.is_list(field.type):
        # Offsets without a mask: where there was no list they leave no room for one.
        values = _fitted(array.values, field.type.value_field)
        return pa.ListArray.from_arrays(array.offsets, values)
    if pa.types.is_struct(field.type):
        parts = [_fitted(array.field(at), one) for at, one in enumerate(field.type)]
        return pa.StructArray.from_arrays(parts, fields=list(field.type), mask=array.is_null())
    return array if array.type == field.type else array.cast(field.type)
