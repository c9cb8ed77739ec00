"""CAST and SAFE_CAST. Source: "Conversion functions" and "Conversion rules" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.hoisting import bound
from harness.bigquery.sql.json_literals import json_literal
from harness.bigquery.sql.kinds import STRING, Kind, Value, coerced, kind_of_type
from harness.bigquery.sql.places import at

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_NUMBERS = ("INT64", "FLOAT64", "NUMERIC", "STRING")
_ALLOWED = {
    "INT64": (*_NUMBERS, "BOOL"),
    "FLOAT64": _NUMBERS,
    "NUMERIC": _NUMBERS,
    "BOOL": ("BOOL", "INT64", "STRING"),
    "STRING": (
        *_NUMBERS,
        "BOOL",
        "BYTES",
        "DATE",
        "DATETIME",
        "TIME",
        "TIMESTAMP",
    ),
    "BYTES": ("BYTES", "STRING"),
    "DATE": ("STRING", "DATE", "DATETIME", "TIMESTAMP"),
    "DATETIME": ("STRING", "DATE", "DATETIME", "TIMESTAMP", "TIME"),
    "TIME": ("STRING", "TIME"),
    "TIMESTAMP": ("STRING", "DATE", "DATETIME", "TIMESTAMP", "TIME"),
    "JSON": ("JSON",),
}
_MACROS = {
    "INT64": "int",
    "FLOAT64": "float",
    "BOOL": "bool",
    "DATE": "date",
    "NUMERIC": "numeric",
    "TIMESTAMP": "timestamp",
    "DATETIME": "datetime",
    "TIME": "time",
}


def _cast(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    safe = isinstance(node, exp.TryCast)
    if node.args.get("format"):
        raise UnsupportedError(f"CAST ... FORMAT{at(node)}")
    target: exp.DataType = node.args["to"]
    kind = kind_of_type(target)
    value = self.value(node.this, scope)
    if isinstance(node.this, exp.Array) and not node.this.expressions and kind.element:
        return Value(f"CAST([] AS {kind.duckdb})", kind, literal=True)
    if kind.name in ("ARRAY", "STRUCT"):
        # ARRAY<T>[...] and STRUCT<...>(...) are read as casts too.
        return _nested(value, kind, node)
    if kind.name == "JSON" and value.kind.name == "STRING" and value.literal:
        return json_literal(value, node.this)
    if value.kind.name != "NULL" and kind.name not in _ALLOWED.get(value.kind.name, ()):
        raise ApiError(
            "invalidQuery",
            f"Invalid cast from {value.kind} to {kind}{at(node.this)}",
            location="query",
        )
    sql = converted(value, kind, safe=safe)
    if safe:
        self.query.know(sql)
    if target.expressions:
        sql = _bounded(sql, kind, [int(one.name) for one in target.expressions], safe=safe)
    # DATE '2021-01-01' is a literal, and of its own type only.
    return Value(sql, kind, literal=value.literal and kind.name == "STRING")


def _nested(value: Value, kind: Kind, node: exp.Expr) -> Value:
    if value.kind.name not in (kind.name, "NULL"):
        raise ApiError("invalidQuery", f"Invalid cast from {value.kind} to {kind}{at(node.this)}")
    if value.kind.name == "STRUCT":
        if len(value.kind.fields) != len(kind.fields):
            raise ApiError(
                "invalidQuery", f"Invalid cast from {value.kind} to {kind}{at(node.this)}"
            )
        cells = ", ".join(
            f'"{name}" := '
            + converted(Value(f"struct_extract({value.sql}, '{old}')", have), wanted, safe=False)
            for (old, have), (name, wanted) in zip(value.kind.fields, kind.fields, strict=True)
        )
        return Value(f"struct_pack({cells})", kind)
    if (
        kind.element is not None
        and value.kind.element is not None
        and value.kind.element.name not in (kind.element.name, "NULL")
    ):
        return Value(coerced(value, kind), kind)
    return Value(f"CAST({value.sql} AS {kind.duckdb})", kind)


def converted(value: Value, kind: Kind, *, safe: bool) -> str:
    """The SQL of a value made another type."""
    if value.kind == kind:
        return value.sql
    if value.kind.name == "NULL" or kind.name in ("STRUCT", "ARRAY"):
        return f"CAST({value.sql} AS {kind.duckdb})"
    if kind.name == "BYTES":
        return f"encode({value.sql})"
    macro = "bq_to_string"
    if kind.name != "STRING":
        macro = f"{'bqs' if safe else 'bq'}_to_{_MACROS[kind.name]}"
    elif value.kind.name == "BYTES":
        macro = f"{'bqs' if safe else 'bq'}_bytes_to_string"
    return bound([value], lambda named: f"{macro}({named[0].sql})", many=2)


def _bounded(sql: str, kind: Kind, bounds: list[int], *, safe: bool) -> str:
    """A value of a parameterised type: ``STRING(n)``, ``NUMERIC(p, s)``."""
    if kind.name in ("STRING", "BYTES"):
        size = "length" if kind == STRING else "octet_length"
        told = f"'bq:{kind} value is too long; maximum length is {bounds[0]}'"
        failed = "NULL" if safe else f"error({told})"
        return f"CASE WHEN {size}({sql}) > {bounds[0]} THEN {failed} ELSE {sql} END"
    if kind.name != "NUMERIC":
        raise UnsupportedError(f"type {kind} with parameters")
    precision, scale = bounds[0], bounds[1] if len(bounds) > 1 else 0
    rounded = f"bq_round_numeric({sql}, {scale})"
    limit = 10 ** (precision - scale)
    failed = "NULL" if safe else f"error('bq:Numeric value exceeds NUMERIC({precision}, {scale})')"
    return (
        f"CAST(CASE WHEN abs({rounded}) >= {limit} THEN {failed} ELSE {rounded} END "
        "AS DECIMAL(38,9))"
    )


ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Cast: _cast,
}
