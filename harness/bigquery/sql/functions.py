"""Calls of functions: scalar, aggregate, and with OVER."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql import date_values, dates, formats, json_functions, special
from harness.bigquery.sql.aggregates import aggregated, table_of_aggregates, windowed
from harness.bigquery.sql.functions_math import MATH
from harness.bigquery.sql.functions_text import TEXT
from harness.bigquery.sql.kinds import Value
from harness.bigquery.sql.macros import safe
from harness.bigquery.sql.places import at, said
from harness.bigquery.sql.real import REAL
from harness.bigquery.sql.signatures import Signature, choose, filled, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_OWN = {
    **date_values.CALLS,
    **dates.CALLS,
    **formats.CALLS,
    **json_functions.CALLS,
    **special.CALLS,
}
# They fail on no argument, so that SAFE. may stand before a call that holds them.
_TOTAL = ("CONCAT", "LOWER", "UPPER", "TRIM", "LTRIM", "RTRIM", "SUBSTR", "COALESCE", "LENGTH")


@cache
def scalars() -> dict[str, list[Signature]]:
    """All functions whose calls are told by signatures alone."""
    return read(TEXT, MATH, date_values.EPOCHS, json_functions.SIGNATURES)


def _call(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    name = str(node.name).upper()
    if name in self.query.functions:
        return self.query.functions[name](self, node, scope)
    if name in _OWN:
        return _OWN[name](self, node, scope)
    if name in scalars():
        values = [self.value(one, scope) for one in node.expressions]
        signature, arguments, kind = choose(name, scalars()[name], values, at=at(node))
        return Value(filled(signature.template, arguments), kind)
    if name in table_of_aggregates():
        return aggregated(self, node, scope)
    if name in REAL or name.startswith("ST_"):
        raise UnsupportedError(said(node) + at(node))
    if self.query.routine is not None:
        # Within backquotes a name may have all its parts.
        made: Value = self.query.routine(str(node.name).split("."), at=at(node))(self, node, scope)
        return made
    raise ApiError("invalidQuery", f"Function not found: {node.name}{at(node)}", location="query")


def _safe(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    """SAFE.f(...) is NULL where f fails; what its arguments do is not forgiven."""
    call = node.this
    for one in call.expressions:
        for inner in one.walk():
            simple = isinstance(
                inner,
                exp.Column
                | exp.Identifier
                | exp.Literal
                | exp.Null
                | exp.Boolean
                | exp.Neg
                | exp.Var
                | exp.DataType
                | exp.DPipe
                | exp.Interval
                | exp.Array,
            )
            literal_cast = isinstance(inner, exp.Cast) and isinstance(inner.this, exp.Literal)
            total = isinstance(inner, exp.Anonymous) and inner.name.upper() in _TOTAL
            if not (simple or literal_cast or total):
                raise UnsupportedError(f"SAFE. before a call that holds {said(inner)}{at(inner)}")
    if call.name.upper() in table_of_aggregates():
        raise UnsupportedError(f"SAFE. before an aggregate{at(call)}")
    value = self.value(call, scope)
    return Value(f"TRY({safe(value.sql)})", value.kind)


def _net(_: Expressions, node: exp.Expr, _scope: Scope) -> Value:
    raise UnsupportedError(f"function NET.{node.this.name}{at(node)}")


ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Anonymous: _call,
    exp.SafeFunc: _safe,
    exp.NetFunc: _net,
    exp.Window: windowed,
    **date_values.ACTIONS,
    **special.ACTIONS,
}
