"""The keys of ORDER BY, in queries, windows and aggregates. Source: "ORDER BY clause"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.kinds import FLOAT64, Value
from harness.bigquery.sql.places import at

if TYPE_CHECKING:
    from sqlglot import exp

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

UNORDERED_TYPES = ("ARRAY", "STRUCT", "JSON")


def ordered(self: Expressions, order: exp.Expr, scope: Scope) -> str:
    """The items of ORDER BY; NULL is the least."""
    items = []
    for one in order.expressions:
        value = self.value(one.this, scope)
        if value.kind.name in UNORDERED_TYPES:
            raise ApiError(
                "invalidQuery",
                f"ORDER BY does not support expressions of type {value.kind}{at(one)}",
            )
        items.append(sort_key(value, one))
    return ", ".join(items)


def sort_key(value: Value, item: exp.Expr) -> str:
    """One item of ORDER BY: a value with its way.

    NaN is less than any other number but greater than NULL (the reference, "ORDER BY clause"); to
    DuckDB it is the greatest. So a FLOAT64 is sorted by its negative the other way round.
    """
    descending, key = bool(item.args.get("desc")), value.sql
    if value.kind == FLOAT64:
        descending, key = not descending, f"-({key})"
    first = "FIRST" if item.args.get("nulls_first") else "LAST"
    return f"{key} {'DESC' if descending else 'ASC'} NULLS {first}"
