"""CAST and SAFE_CAST. Source: "Conversion functions" and "Conversion rules" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.hoisting import bound
from harness.bigquery.sql.json_literals import json_literal
from harness.bigquery.sql.kinds import FLOAT64, Kind, Value, coerced, kind_of_type
from harness.bigquery.sql.parameterised import parameters_of_type, refuse_within
from harness.bigquery.sql.places import at
from harness.bigquery.sql.ranges import range_of_text, range_text
from harness.bigquery.type_parameters import held

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_NUMBERS = ("INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC", "STRING")
_RANGES = ("RANGE<DATE>", "RANGE<DATETIME>", "RANGE<TIMESTAMP>")
_ALLOWED = {
    "INT64": (*_NUMBERS, "BOOL"),
    "FLOAT64": _NUMBERS,
    "NUMERIC": _NUMBERS,
    "BIGNUMERIC": _NUMBERS,
    "BOOL": ("BOOL", "INT64", "STRING"),
    "STRING": (
        *_NUMBERS,
        "BOOL",
        "BYTES",
        "DATE",
        "DATETIME",
        "TIME",
        "TIMESTAMP",
        "INTERVAL",
        *_RANGES,
    ),
    "INTERVAL": ("INTERVAL", "STRING"),
    **{one: (one, "STRING") for one in _RANGES},
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
    "BIGNUMERIC": "bignumeric",
    "INTERVAL": "interval",
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
        refuse_within(target)
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
    if parameters := parameters_of_type(target, kind.name):
        sql = held(kind.name, parameters, sql, safe=safe)
    self.query.know(sql)
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


def converted(  # noqa: PLR0911
    value: Value, kind: Kind, *, safe: bool
) -> str:
    """The SQL of a value made another type."""
    if value.kind == kind:
        return value.sql
    if value.kind.name == "NULL" or kind.name in ("STRUCT", "ARRAY"):
        return f"CAST({value.sql} AS {kind.duckdb})"
    if value.kind.name == "BIGNUMERIC":
        return _from_bignumeric(value, kind, safe=safe)
    if kind.name.startswith("RANGE"):
        return range_of_text(value.sql, kind, safe=safe)
    if kind.name == "STRING":
        return _as_text(value, safe=safe)
    exact = kind.name in ("NUMERIC", "BIGNUMERIC") and value.literal and value.kind == FLOAT64
    if exact:
        return coerced(value, kind)
    if kind.name == "BYTES":
        return f"encode({value.sql})"
    return _called(f"{'bqs' if safe else 'bq'}_to_{_MACROS[kind.name]}", value)


def _called(macro: str, value: Value) -> str:
    return bound([value], lambda named: f"{macro}({named[0].sql})", many=2)


def _as_text(value: Value, *, safe: bool) -> str:
    if value.kind.name in _RANGES:
        return range_text(value)
    names = {
        "BYTES": "bqs_bytes_to_string" if safe else "bq_bytes_to_string",
        "INTERVAL": "bq_interval_text",
    }
    return _called(names.get(value.kind.name, "bq_to_string"), value)


def _from_bignumeric(value: Value, kind: Kind, *, safe: bool) -> str:
    if kind.name == "STRING":
        return f"bq_big_text({value.sql})"
    ways = {"INT64": "int", "NUMERIC": "numeric", "FLOAT64": "double"}
    return f"{'bqs' if safe else 'bq'}_big_to_{ways[kind.name]}({value.sql})"


ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Cast: _cast,
}
