"""Calls that signatures alone do not tell: subscripts, GREATEST, ERROR, STRUCT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import FLOAT64, INT64, NULL, STRING, Value
from harness.bigquery.sql.places import at, position
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.sql.sort_keys import UNORDERED_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_MANY = 2


def _extreme(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """GREATEST and LEAST: NULL if any argument is."""
    name = call.name.upper()
    if not call.expressions:
        raise no_match(f"function {name}", [], at=at(call))
    cells, kind = self.alike(call.expressions, scope, what=f"function {name}", place=call)
    if kind.name in UNORDERED_TYPES:
        # The words of the public implementation of GoogleSQL on types without an order.
        raise ApiError(
            "invalidQuery",
            f"{name} is not defined for arguments of type {kind}{at(call)}",
            location="query",
        )
    nulls = " OR ".join(f"{one} IS NULL" for one in cells)
    if kind == FLOAT64 and name == "LEAST":
        # To DuckDB NaN is the greatest.
        nans = " OR ".join(f"isnan({one})" for one in cells)
        least = f"CASE WHEN {nans} THEN CAST('nan' AS DOUBLE) ELSE least({', '.join(cells)}) END"
        return Value(f"CASE WHEN {nulls} THEN NULL ELSE {least} END", kind)
    return Value(f"CASE WHEN {nulls} THEN NULL ELSE {name}({', '.join(cells)}) END", kind)


def _struct(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    return self.value(exp.Struct(expressions=[one.copy() for one in call.expressions]), scope)


def _error(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    values = [self.value(one, scope) for one in call.expressions]
    if len(values) != 1 or values[0].kind.name not in ("STRING", "NULL"):
        raise no_match("function ERROR", values, at=at(call))
    return Value(f"error('bq:' || {values[0].sql})", NULL)


def _cast_by_format(_: Expressions, node: exp.Expr, _scope: Scope) -> Value:
    raise UnsupportedError("CAST ... FORMAT", position=position(node))


def _subscript(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    """``array[OFFSET(n)]``, ``array[n]``, ``json['name']``."""
    value = self.value(node.this, scope)
    index = node.expressions[0]
    inner = self.value(index, scope)
    if value.kind.name == "JSON":
        if inner.kind == STRING and isinstance(index, exp.Literal):
            path = "$." + '"' + index.name.replace('"', "") + '"'
            return Value(f"json_extract({value.sql}, '{path}')", value.kind)
        # A negative place is NULL; DuckDB would count from the end.
        found = f"json_extract({value.sql}, '$[' || {inner.sql} || ']')"
        return Value(f"CASE WHEN {inner.sql} >= 0 THEN {found} END", value.kind)
    if value.kind.element is None:
        raise ApiError(
            "invalidQuery",
            f"Element access using [INT64] is not supported on values of type {value.kind}"
            f"{at(node)}",
        )
    if inner.kind.name not in ("INT64", "NULL"):
        raise ApiError(
            "invalidQuery",
            f"Array position in [] must be coercible to INT64 type, but has type {inner.kind}"
            f"{at(node)}",
        )
    offset = node.args.get("offset")
    base = 1 - int(offset or 0)
    macro = "bq_safe_at" if node.args.get("safe") else "bq_at"
    return Value(
        f"{macro}({value.sql}, CAST({inner.sql} + {base} AS BIGINT))", value.kind.element or INT64
    )


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "ERROR": _error,
    "GREATEST": _extreme,
    "LEAST": _extreme,
    "STRUCT": _struct,
}
ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Bracket: _subscript,
    # The parser reads CAST ... FORMAT of dates as these.
    exp.StrToDate: _cast_by_format,
    exp.StrToTime: _cast_by_format,
}
