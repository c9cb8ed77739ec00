"""The types of values in a statement, and what BigQuery turns into what by itself.

Source of the rules: "Conversion rules" of the GoogleSQL reference. Only INT64 to NUMERIC to
FLOAT64 and DATE to DATETIME are made of any value; literals and parameters become a little more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.types import Field, quoted, type_name

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Kind:
    """A type.

    Attributes:
        name: ``INT64``, ..., ``ARRAY``, ``STRUCT``; ``NULL`` of an untyped NULL.
        element: Of an ARRAY.
        fields: Names and types of a STRUCT.
    """

    name: str
    element: Kind | None = None
    fields: tuple[tuple[str, Kind], ...] = ()

    def __str__(self) -> str:
        if self.element is not None:
            return f"ARRAY<{self.element}>"
        if self.name == "STRUCT":
            inner = (
                str(kind) if name.startswith("_field_") else f"{name} {kind}"
                for name, kind in self.fields
            )
            return f"STRUCT<{', '.join(inner)}>"
        return "INT64" if self.name == "NULL" else self.name

    def field(self, name: str) -> Kind | None:
        """The type of a STRUCT's field, or None."""
        found = [kind for given, kind in self.fields if given.lower() == name.lower()]
        return found[0] if found else None

    @property
    def duckdb(self) -> str:
        """DuckDB's type."""
        if self.element is not None:
            return f"{self.element.duckdb}[]"
        if self.name == "STRUCT":
            inner = ", ".join(f"{quoted(name)} {kind.duckdb}" for name, kind in self.fields)
            return f"STRUCT({inner})"
        return Field(name="x", type="INT64" if self.name == "NULL" else self.name).duckdb_type


INT64, FLOAT64 = Kind("INT64"), Kind("FLOAT64")
NUMERIC, BIGNUMERIC = Kind("NUMERIC"), Kind("BIGNUMERIC")
BOOL, STRING, BYTES, JSON = Kind("BOOL"), Kind("STRING"), Kind("BYTES"), Kind("JSON")
DATE, DATETIME, TIME, TIMESTAMP = Kind("DATE"), Kind("DATETIME"), Kind("TIME"), Kind("TIMESTAMP")
INTERVAL, NULL = Kind("INTERVAL"), Kind("NULL")
_WIDER = {
    "INT64": ("NUMERIC", "BIGNUMERIC", "FLOAT64"),
    "NUMERIC": ("BIGNUMERIC", "FLOAT64"),
    "BIGNUMERIC": ("FLOAT64",),
    "DATE": ("DATETIME",),
}
_OF_LITERAL = {
    "STRING": ("DATE", "DATETIME", "TIMESTAMP", "TIME"),
    "FLOAT64": ("NUMERIC", "BIGNUMERIC"),
}
_FLOAT_LITERAL = re.compile(r"CAST\(('[^']*') AS DOUBLE\)")


@dataclass(frozen=True)
class Value:
    """An expression that has been translated.

    Attributes:
        sql: DuckDB's SQL.
        kind: Its type.
        literal: Whether it is a literal or a parameter, which become more types by themselves.
        chain: Of a sum or product of FLOAT64s its SQL without a look at overflow, then the
            operands.
    """

    sql: str
    kind: Kind
    literal: bool = False
    chain: tuple[str, ...] = ()


def array_of(kind: Kind) -> Kind:
    """ARRAY of a type."""
    return Kind("ARRAY", element=kind)


def cost(value: Value, wanted: Kind) -> int | None:  # noqa: PLR0911
    """How far a value is from a type: 0 for the same, None where it does not become it."""
    have = value.kind
    if have == wanted or have.name == "NULL":
        return 0
    if have.element is not None and wanted.element is not None:
        if have.element.name == "NULL" or (
            have.element.name == "STRUCT" and _alike(have.element, wanted.element)
        ):
            return 0
        return cost(replace(value, kind=have.element), wanted.element) if value.literal else None
    if have.name == wanted.name == "STRUCT" and _alike(have, wanted):
        parts = [
            cost(replace(value, kind=mine), theirs)
            for (_, mine), (_, theirs) in zip(have.fields, wanted.fields, strict=True)
        ]
        return None if None in parts else sum(one or 0 for one in parts)
    wider = _WIDER.get(have.name, ())
    if wanted.name in wider:
        return 1 + wider.index(wanted.name)
    if value.literal and wanted.name in _OF_LITERAL.get(have.name, ()):
        return 3
    return None


def _alike(have: Kind, wanted: Kind) -> bool:
    """Whether two STRUCTs have the same names, or one has none."""
    pairs = zip(have.fields, wanted.fields, strict=False)
    return len(have.fields) == len(wanted.fields) and all(
        mine.lower() == theirs.lower() or mine.startswith("_field_")
        for (mine, _), (theirs, _) in pairs
    )


def coerced(value: Value, wanted: Kind) -> str:
    """The SQL of a value made a type that it becomes by itself."""
    if value.kind == wanted:
        return value.sql
    if value.kind.name == "STRING" and wanted.name == "DATE":
        return f"bq_to_date({value.sql})"
    if value.kind.name == "STRUCT":
        cells = ", ".join(
            f"{quoted(name)} := "
            + coerced(Value(f"struct_extract({value.sql}, '{mine}')", have, value.literal), kind)
            for (mine, have), (name, kind) in zip(value.kind.fields, wanted.fields, strict=True)
        )
        return f"CASE WHEN {value.sql} IS NOT NULL THEN struct_pack({cells}) END"
    return _cast(value, wanted)


def _cast(value: Value, wanted: Kind) -> str:
    kinds = (value.kind.name, wanted.name)
    if "BIGNUMERIC" in kinds and "NULL" not in kinds:
        # A literal becomes what is written, not the FLOAT64 next to it.
        text = _FLOAT_LITERAL.sub(r"\1", value.sql) if value.literal else value.sql
        return f"bq_big_to_double({text})" if wanted == FLOAT64 else f"bq_to_bignumeric({text})"
    if kinds == ("FLOAT64", "NUMERIC") and value.literal:
        text = _FLOAT_LITERAL.sub(r"\1", value.sql)
        return f"CAST({text} AS {wanted.duckdb})"
    return f"CAST({value.sql} AS {wanted.duckdb})"


def common(values: Sequence[Value]) -> Kind | None:
    """The type that all become ("supertype" of the reference), or None."""
    # A literal becomes what the others are, not the other way round.
    kinds = [
        one.kind for one in sorted(values, key=lambda one: one.literal) if one.kind.name != "NULL"
    ]
    if not kinds:
        return NULL
    candidates = [*dict.fromkeys(kinds)]
    candidates += [
        kind for kind in (NUMERIC, BIGNUMERIC, FLOAT64, DATETIME) if kind not in candidates
    ]
    for kind in candidates:
        if all(cost(one, kind) is not None for one in values):
            return kind
    return None


def kind_of_field(field: Field) -> Kind:
    """The type of a column."""
    fields = tuple((one.name, kind_of_field(one)) for one in field.fields)
    kind = Kind(field.type, fields=fields)
    return array_of(kind) if field.repeated else kind


def field_of_kind(name: str, kind: Kind) -> Field:
    """A column of a type."""
    if kind.element is not None:
        return replace(field_of_kind(name, kind.element), mode="REPEATED")
    inner = tuple(field_of_kind(one, given) for one, given in kind.fields)
    return Field(name=name, type="INT64" if kind.name == "NULL" else kind.name, fields=inner)


def kind_of_type(node: exp.Expr | None) -> Kind:
    """The type that a statement names, without its parameters.

    Raises:
        ApiError: There is no such type, or the stub has none.
    """
    bare_array = (
        isinstance(node, exp.DataType) and node.this == exp.DType.ARRAY and not node.expressions
    )
    if not isinstance(node, exp.DataType) or bare_array:
        raise ApiError("invalidQuery", "Syntax error: Expected a type", location="query")
    if node.this == exp.DType.ARRAY:
        return array_of(kind_of_type(node.expressions[0]))
    if node.this == exp.DType.STRUCT:
        fields = []
        for number, one in enumerate(node.expressions, start=1):
            named = isinstance(one, exp.ColumnDef)
            fields.append(
                (
                    one.name if named else f"_field_{number}",
                    kind_of_type(one.args.get("kind") if named else one),
                )
            )
        return Kind("STRUCT", fields=tuple(fields))
    if node.this == exp.DType.RANGE and node.expressions:
        return Kind(type_name(f"RANGE<{kind_of_type(node.expressions[0])}>"))
    if node.this in (exp.DType.BIGDECIMAL, exp.DType.INTERVAL):
        return BIGNUMERIC if node.this == exp.DType.BIGDECIMAL else INTERVAL
    bare = node.copy()
    bare.set("expressions", None)
    return Kind(type_name(bare.sql("bigquery")))
