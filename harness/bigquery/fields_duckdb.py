"""What DuckDB's types are in BigQuery."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.types import SCALARS, Field

if TYPE_CHECKING:
    from collections.abc import Sequence

# duckdb.sqltypes ids
_FROM_DUCKDB = {
    **dict.fromkeys(
        ("tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint"), "INT64"
    ),
    **dict.fromkeys(("uinteger", "ubigint", "uhugeint", '"null"', "null"), "INT64"),
    **dict.fromkeys(("float", "double"), "FLOAT64"),
    **dict.fromkeys(("varchar", "enum", "uuid"), "STRING"),
    **dict.fromkeys(
        ("timestamp", "timestamp_ns", "timestamp_ms", "timestamp_s"),
        "DATETIME",
    ),
    "decimal": "NUMERIC",
    "boolean": "BOOL",
    "blob": "BYTES",
    "date": "DATE",
    "time": "TIME",
    "interval": "INTERVAL",
    "timestamp with time zone": "TIMESTAMP",
    "timestamptz_ns": "TIMESTAMP",
}


def fields_from_duckdb(description: Sequence[tuple[Any, ...]] | None) -> tuple[Field, ...]:
    """What a cursor's description would be in BigQuery.

    Raises:
        UnsupportedError: A column has a type that the stub does not have.
    """
    return tuple(_from_duckdb(str(column[0]), column[1]) for column in description or ())


def _plain(kind: str) -> str:
    return kind.replace('"', "").upper()


def _from_duckdb(name: str, kind: Any) -> Field:
    if str(kind) == "JSON":
        return Field(name=name, type="JSON")
    if kind.id == "list":
        element = _from_duckdb(name, kind.children[0][1])
        if element.repeated:
            raise ApiError("invalidQuery", "Cannot construct array with element type ARRAY<...>")
        return replace(element, mode="REPEATED")
    if kind.id == "struct" and kind.children[0][0].endswith("~"):
        wanted = str(kind)
        own = next(one for one, (_, stored) in SCALARS.items() if _plain(stored) == _plain(wanted))
        return Field(name=name, type=own)
    if kind.id == "struct":
        fields = tuple(_from_duckdb(child, inner) for child, inner in kind.children)
        return Field(name=name, type="STRUCT", fields=fields)
    if kind.id not in _FROM_DUCKDB:
        raise UnsupportedError(f"type {kind} of column {name}")
    return Field(name=name, type=_FROM_DUCKDB[kind.id])
