"""BigQuery's types, as GoogleSQL, as REST, and as DuckDB store them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.field_names import checked, written
from harness.bigquery.quoting import literal, quoted
from harness.bigquery.type_parameters import (
    parameters_from_rest,
    parameters_rest,
    with_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# GoogleSQL name: (REST name, DuckDB type)
SCALARS = {
    "INT64": ("INTEGER", "BIGINT"),
    "FLOAT64": ("FLOAT", "DOUBLE"),
    "NUMERIC": ("NUMERIC", "DECIMAL(38,9)"),
    "BOOL": ("BOOLEAN", "BOOLEAN"),
    "STRING": ("STRING", "VARCHAR"),
    "BYTES": ("BYTES", "BLOB"),
    "DATE": ("DATE", "DATE"),
    "TIME": ("TIME", "TIME"),
    "DATETIME": ("DATETIME", "TIMESTAMP"),
    "TIMESTAMP": ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
    "JSON": ("JSON", "JSON"),
    # Names that no column can have tell these STRUCTs from a client's own.
    "BIGNUMERIC": ("BIGNUMERIC", 'STRUCT("whole~" HUGEINT, "part~" HUGEINT)'),
    "INTERVAL": ("INTERVAL", "INTERVAL"),
    "RANGE<DATE>": ("RANGE", 'STRUCT("from~" DATE, "to~" DATE)'),
    "RANGE<DATETIME>": ("RANGE", 'STRUCT("from~" TIMESTAMP, "to~" TIMESTAMP)'),
    "RANGE<TIMESTAMP>": (
        "RANGE",
        'STRUCT("from~" TIMESTAMP WITH TIME ZONE, "to~" TIMESTAMP WITH TIME ZONE)',
    ),
}
_ALIASES = {
    **{rest: name for name, (rest, _) in SCALARS.items() if rest != "RANGE"},
    **{name: name for name in SCALARS},
    "RECORD": "STRUCT",
    "STRUCT": "STRUCT",
    "INT": "INT64",
    "SMALLINT": "INT64",
    "BIGINT": "INT64",
    "TINYINT": "INT64",
    "BYTEINT": "INT64",
    "DECIMAL": "NUMERIC",
    "BIGDECIMAL": "BIGNUMERIC",
}
_REAL_BUT_NOT_HERE = {"GEOGRAPHY", "FOREIGN"}
_NOT_KEPT = ("policyTags", "collation", "roundingMode")
_MODES = ("NULLABLE", "REQUIRED", "REPEATED")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column of a table, or one field of a STRUCT.

    Attributes:
        name: As it was written first; compared without regard to case.
        type: GoogleSQL's name without ARRAY: ``INT64``, ``STRUCT``, ...
        mode: ``NULLABLE``, ``REQUIRED`` or ``REPEATED``.
        fields: The fields of a STRUCT.
        description: Kept as given.
        parameters: The length of a STRING or BYTES, or the precision and scale of a number.
        default: The expression that gives a value where a row has none, or None.
    """

    name: str
    type: str
    mode: str = "NULLABLE"
    fields: tuple[Field, ...] = ()
    description: str | None = None
    parameters: tuple[int, ...] = ()
    default: str | None = None

    @property
    def repeated(self) -> bool:
        """Whether it is an ARRAY."""
        return self.mode == "REPEATED"

    @property
    def sql_type(self) -> str:
        """GoogleSQL's type of its values: ``ARRAY<STRUCT<a STRING>>``."""
        return _named(self, declared=False)

    @property
    def declared_type(self) -> str:
        """The same with parameters, as in INFORMATION_SCHEMA.COLUMNS: ``STRING(10)``."""
        return _named(self, declared=True)

    @property
    def element_duckdb_type(self) -> str:
        """DuckDB's type, of one element where it is an ARRAY."""
        if self.type == "STRUCT":
            inner = ", ".join(f"{quoted(field.name)} {field.duckdb_type}" for field in self.fields)
            return f"STRUCT({inner})"
        return SCALARS[self.type][1]

    @property
    def duckdb_type(self) -> str:
        """DuckDB's type."""
        return f"{self.element_duckdb_type}[]" if self.repeated else self.element_duckdb_type

    def rest(self) -> dict[str, Any]:
        """The TableFieldSchema resource."""
        name = "RECORD" if self.type == "STRUCT" else SCALARS[self.type][0]
        resource: dict[str, Any] = {"name": self.name, "type": name, "mode": self.mode}
        if name == "RANGE":
            resource["rangeElementType"] = {"type": self.type[6:-1]}
        if self.fields:
            resource["fields"] = [field.rest() for field in self.fields]
        if self.description is not None:
            resource["description"] = self.description
        if self.default is not None:
            resource["defaultValueExpression"] = self.default
        return {**resource, **parameters_rest(self)}


def _named(field: Field, *, declared: bool) -> str:
    inner = with_parameters(field.type, field.parameters) if declared else field.type
    if field.type == "STRUCT":
        cells = (f"{written(one.name)} {_named(one, declared=declared)}" for one in field.fields)
        inner = f"STRUCT<{', '.join(cells)}>"
    return f"ARRAY<{inner}>" if field.repeated else inner


def is_made_up(field: Field) -> bool:
    """Whether a column, here or within, has a type that needs macros of its own in DuckDB."""
    own = field.type in ("BIGNUMERIC", "INTERVAL") or field.type.startswith("RANGE")
    return own or any(map(is_made_up, field.fields))


def type_name(name: str) -> str:
    """GoogleSQL's canonical name of a scalar type or STRUCT.

    Raises:
        ApiError: There is no such type, or the stub has none.
    """
    upper = name.upper()
    if upper in _REAL_BUT_NOT_HERE:
        raise UnsupportedError(f"type {upper}")
    if upper not in _ALIASES:
        raise ApiError("invalid", f"Invalid value for type: {name} is not a valid value")
    return _ALIASES[upper]


def field_from_rest(resource: Mapping[str, Any]) -> Field:
    """Read a TableFieldSchema.

    Raises:
        ApiError: It is malformed, or has what the stub would not enforce.
    """
    name = str(resource.get("name", ""))
    for option in _NOT_KEPT:
        if resource.get(option) not in (None, "", {}, {"names": []}):
            raise UnsupportedError(f"{option} of field {name}")
    if str(resource.get("timestampPrecision") or "6") != "6":
        raise UnsupportedError(f"timestampPrecision of field {name}")
    mode = str(resource.get("mode") or "NULLABLE").upper()
    if mode not in _MODES:
        raise ApiError("invalid", f"Invalid value for mode: {mode} is not a valid value")
    named = str(resource.get("type", ""))
    if named.upper() == "RANGE":
        named = f"RANGE<{(resource.get('rangeElementType') or {}).get('type')}>"
    kind = type_name(named)
    nested = tuple(field_from_rest(field) for field in resource.get("fields") or ())
    if kind == "STRUCT" and not nested:
        raise ApiError("invalid", f"Field {name} is type RECORD but has no schema")
    return Field(
        name=name,
        type=kind,
        mode=mode,
        fields=nested,
        description=resource.get("description"),
        parameters=parameters_from_rest(resource, kind),
        default=resource.get("defaultValueExpression") or None,
    )


def schema_from_rest(schema: Mapping[str, Any] | None) -> tuple[Field, ...]:
    """Read a TableSchema; an absent one is empty.

    Raises:
        ApiError: A field is malformed, doubled or named as BigQuery does not allow.
    """
    fields = tuple(field_from_rest(field) for field in (schema or {}).get("fields") or ())
    return checked(fields)


def schema_rest(fields: Iterable[Field]) -> dict[str, Any]:
    """The TableSchema resource."""
    return {"fields": [field.rest() for field in fields]}


__all__ = [
    "Field",
    "checked",
    "field_from_rest",
    "is_made_up",
    "literal",
    "quoted",
    "schema_from_rest",
    "schema_rest",
    "type_name",
]
