"""Calls of functions: scalar, aggregate, and with OVER."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql import (
    buckets,
    date_values,
    dates,
    formats,
    grouping,
    intervals,
    json_edits,
    json_functions,
    json_made,
    patterns,
    quantiles,
    ranges,
    shown,
    special,
    texts,
)
from harness.bigquery.sql.aggregates import aggregated, table_of_aggregates, windowed
from harness.bigquery.sql.functions_bytes import BYTES
from harness.bigquery.sql.functions_math import MATH
from harness.bigquery.sql.functions_net import NET
from harness.bigquery.sql.functions_text import TEXT
from harness.bigquery.sql.hoisting import called
from harness.bigquery.sql.kinds import Value
from harness.bigquery.sql.places import at, position, said
from harness.bigquery.sql.real import REAL, REAL_PREFIXES
from harness.bigquery.sql.safe_calls import forgiven
from harness.bigquery.sql.signatures import Signature, choose, filled, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_OWN: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    **buckets.CALLS,
    **grouping.CALLS,
    **date_values.CALLS,
    **dates.CALLS,
    **formats.CALLS,
    **intervals.CALLS,
    **json_edits.CALLS,
    **json_functions.CALLS,
    **json_made.CALLS,
    **patterns.CALLS,
    **ranges.CALLS,
    **shown.CALLS,
    **special.CALLS,
    **texts.CALLS,
}


# Aggregates, and what names its arguments: nothing is counted before them.
_WHOLE = {**quantiles.CALLS, "STRUCT": _OWN.pop("STRUCT")}


@cache
def scalars() -> dict[str, list[Signature]]:
    """All functions whose calls are told by signatures alone."""
    return read(TEXT, BYTES, MATH, NET, date_values.EPOCHS, json_functions.SIGNATURES)


def _call(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    name = str(node.name).upper()
    if name in self.query.functions:
        return self.query.functions[name](self, node, scope)
    value = _known(self, name, node, scope)
    if value is not None:
        self.query.know(value.sql)
        return value
    if name in REAL or name.startswith(REAL_PREFIXES):
        raise UnsupportedError(said(node), position=position(node))
    if self.query.routine is not None:
        # Within backquotes a name may have all its parts.
        made: Value = self.query.routine(str(node.name).split("."), at=at(node))(self, node, scope)
        return made
    raise ApiError("invalidQuery", f"Function not found: {node.name}{at(node)}", location="query")


def _known(self: Expressions, name: str, node: exp.Expr, scope: Scope) -> Value | None:
    for one in node.expressions:
        if isinstance(one, exp.Lambda):
            raise UnsupportedError(f"a lambda in {name}", position=position(node))
    if name in _WHOLE:
        return _WHOLE[name](self, node, scope)
    if name in _OWN:
        return called(self, node, scope, lambda call, inner: _OWN[name](self, call, inner))
    if name in scalars():
        return called(self, node, scope, lambda call, inner: _signed(self, call, inner))
    if name in table_of_aggregates():
        return aggregated(self, node, scope)
    return None


def _signed(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    """A call that its signatures tell."""
    name = str(node.name).upper()
    values = [self.value(_plain(one, name), scope) for one in node.expressions]
    signature, arguments, kind = choose(name, scalars()[name], values, at=at(node))
    return Value(filled(signature.template, arguments), kind)


def _plain(argument: exp.Expr, name: str) -> exp.Expr:
    if isinstance(argument, exp.Kwarg):
        raise ApiError(
            "invalidQuery",
            f"Named argument {argument.this.name} not found in signature for call to function "
            f"{name}{at(argument)}",
            location="query",
        )
    return argument


def _net(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    call = node.this.copy()
    call.set("this", f"NET.{call.name.upper()}")
    if "start" in call.meta:
        call.meta["start"] -= len("NET.")
    return _call(self, call, scope)


ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Anonymous: _call,
    exp.SafeFunc: forgiven,
    exp.NetFunc: _net,
    exp.Window: windowed,
    **date_values.ACTIONS,
    **special.ACTIONS,
}
