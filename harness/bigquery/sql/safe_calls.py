"""SAFE.f(...): NULL where f fails; what its arguments do is not forgiven.

Source: "SAFE. prefix" of the reference.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.aggregates import table_of_aggregates
from harness.bigquery.sql.kinds import Value
from harness.bigquery.sql.macros import safe
from harness.bigquery.sql.places import at
from harness.bigquery.sql.scope import Scope

if TYPE_CHECKING:
    from harness.bigquery.sql.expressions import Expressions

_SIMPLE = (
    exp.Array,
    exp.Boolean,
    exp.Column,
    exp.DataType,
    exp.Identifier,
    exp.Literal,
    exp.Neg,
    exp.Null,
    exp.RawString,
    exp.Var,
)
_NUMBERS = itertools.count()


def forgiven(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    """A call with SAFE. before it.

    Raises:
        ApiError: The function does not have it, or the call is refused as it stands.
    """
    call = node.this.copy()
    name = call.name.upper()
    if name in table_of_aggregates():
        raise ApiError(
            "invalidQuery",
            f"Aggregate function {name} does not support SAFE{at(node.this)}",
            location="query",
        )
    # Arguments that may fail are counted outside, and handed in under names of their own.
    outside = f"safe_{next(_NUMBERS)}"
    cells: dict[str, Value] = {}
    for place, argument in enumerate(call.expressions):
        holder = argument if isinstance(argument, exp.Interval | exp.Kwarg) else None
        inner = argument if holder is None else _held(holder)
        if inner is None or _cannot_fail(inner) or _is_part(inner):
            continue
        key = f"\0{outside}_{place}"
        value = self.value(inner, scope)
        cells[key] = Value(f"{outside}.a{place}", value.kind, value.literal)
        cells[key + "sql"] = Value(f"a{place} := {value.sql}", value.kind)
        inner.replace(exp.column(exp.to_identifier(key, quoted=True)))
    if not cells:
        value = self.value(call, scope)
        tried = f"TRY({safe(value.sql)})"
        self.query.know(tried)
        return Value(tried, value.kind)
    named = {key: one for key, one in cells.items() if not key.endswith("sql")}
    value = self.value(call, Scope(parent=scope, aliases=named))
    packed = ", ".join(one.sql for key, one in cells.items() if key.endswith("sql"))
    tried = f"lambda {outside} : TRY({safe(value.sql)})"
    self.query.know(tried)
    return Value(f"list_transform([struct_pack({packed})], {tried})[1]", value.kind)


def _held(holder: exp.Expr) -> exp.Expr | None:
    held = holder.this if isinstance(holder, exp.Interval) else holder.expression
    return held if isinstance(held, exp.Expr) else None


def _is_part(node: exp.Expr) -> bool:
    """``WEEK(MONDAY)`` as an argument."""
    return isinstance(node, exp.Anonymous | exp.WeekStart) and node.name.upper() == "WEEK"


def _cannot_fail(node: exp.Expr) -> bool:
    for inner in node.walk():
        typed = isinstance(inner, exp.Cast) and isinstance(inner.this, exp.Literal)
        if not (isinstance(inner, _SIMPLE) or (typed and inner.this.is_string)):
            return False
    return True
