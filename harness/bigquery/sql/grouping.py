"""GROUP BY with its grouping sets. Source: "GROUP BY clause"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.kinds import INT64, Value
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.query import Query
    from harness.bigquery.sql.scope import Scope


def group_by(  # noqa: C901
    query: Query,
    node: exp.Select,
    scope: Scope,
    places: Mapping[str, int],
    named: list[tuple[str, Value, bool]],
) -> str:
    """GROUP BY; an alias or a number stands for a column of the SELECT list.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    group = node.args.get("group")
    if group is None:
        return ""
    if group.args.get("all"):
        return " GROUP BY ALL"

    def item(one: exp.Expr) -> str:
        if isinstance(one, exp.Rollup | exp.Cube | exp.GroupingSets):
            inner = ", ".join(item(each) for each in one.expressions)
            word = {exp.Rollup: "ROLLUP", exp.Cube: "CUBE"}.get(type(one), "GROUPING SETS")
            return f"{word}({inner})"
        if isinstance(one, exp.Tuple):
            return f"({', '.join(item(each) for each in one.expressions)})"
        if isinstance(one, exp.Paren):
            return f"({item(one.this)})"
        place = None
        if isinstance(one, exp.Literal) and not one.is_string:
            place = int(one.name)
            if not 1 <= place <= len(named):
                raise ApiError(
                    "invalidQuery",
                    f"GROUP BY is out of SELECT column number range: {place}{at(one)}",
                )
        elif isinstance(one, exp.Column) and not one.table:
            number = places.get(one.name.lower())
            place = number if number and named[number - 1][2] else None
        value = named[place - 1][1] if place else query.expressions.value(one, scope)
        if value.kind.name == "JSON":
            raise ApiError(
                "invalidQuery",
                f"Grouping by expressions of type JSON is not allowed{at(one)}",
            )
        return value.sql if place is None else str(place)

    parts = [
        item(one)
        for key in ("expressions", "rollup", "cube", "grouping_sets")
        for one in group.args.get(key) or ()
    ]
    return f" GROUP BY {', '.join(parts)}"


def _grouping(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """GROUPING(x): 1 in the rows of a grouping set that leaves x out."""
    if len(call.expressions) != 1:
        raise no_match("function GROUPING", [], at=at(call))
    value = self.value(call.expressions[0], scope)
    return Value(f"CAST(grouping({value.sql}) AS BIGINT)", INT64)


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {"GROUPING": _grouping}
