"""ORDER BY, LIMIT and OFFSET. Source: "ORDER BY clause", "LIMIT and OFFSET clause"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.kinds import FLOAT64, INT64, Value
from harness.bigquery.sql.places import at
from harness.bigquery.sql.scope import Scope
from harness.bigquery.sql.sort_keys import ordered, sort_key
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.sql.query import Columns, Query


def tail(query: Query, node: exp.Expr, columns: Columns, scope: Scope) -> str:
    """ORDER BY, LIMIT and OFFSET of a set operation."""
    aliases = {name.lower(): Value(quoted(name), kind) for name, kind in columns}
    inner = Scope(parent=scope, aliases=aliases)
    # A number that stands for one of two columns of a name goes to DuckDB as it is.
    names = [name.lower() for name, _ in columns]
    values = [aliases[one] if names.count(one) == 1 else Value(one, INT64) for one in names]
    check_names(
        node, [(name, Value(str(place), kind)) for place, (name, kind) in enumerate(columns)]
    )
    return order_by(query, node, inner, dict.fromkeys(aliases), values) + limit(query, node, inner)


def check_names(node: exp.Expr, named: Sequence[tuple[str, Value]]) -> None:
    """Refuse a name that stands for two columns of the result in a clause behind its list.

    Raises:
        ApiError: There is one.
    """
    meant: dict[str, set[str]] = {}
    for name, value in named:
        meant.setdefault(name.lower(), set()).add(value.sql)
    doubled = {name for name, values in meant.items() if len(values) > 1}
    if not doubled:
        return
    for key in ("group", "having", "qualify", "order"):
        clause = node.args.get(key)
        inner = clause.walk(prune=lambda one: isinstance(one, exp.Query)) if clause else ()
        for one in inner:
            if isinstance(one, exp.Column) and not one.table and one.name.lower() in doubled:
                raise ApiError(
                    "invalidQuery",
                    f"Column name {one.name} is ambiguous{at(one)}",
                    location="query",
                )


def order_by(
    query: Query,
    node: exp.Expr,
    scope: Scope,
    places: Mapping[str, int | None],
    values: Sequence[Value],
) -> str:
    """ORDER BY; an alias or a number stands for a column of the result.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    order = node.args.get("order")
    if order is None:
        return ""
    items = []
    for one in order.expressions:
        key = one.this
        place: int | None = None
        if isinstance(key, exp.Literal) and not key.is_string:
            place = int(key.name)
            if not 1 <= place <= len(values):
                raise ApiError(
                    "invalidQuery",
                    f"ORDER BY column number item is out of range. Column numbers must be "
                    f"greater than or equal to 1. Found : {place}{at(key)}",
                )
        elif isinstance(key, exp.Column) and not key.table:
            place = places.get(key.name.lower())
        if place is None:
            items.append(ordered(query.expressions, exp.Order(expressions=[one.copy()]), scope))
        else:
            items.append(sort_key(_column(place, values[place - 1]), one))
    return f" ORDER BY {', '.join(items)}"


def _column(place: int, value: Value) -> Value:
    """A column of the result as a key: by its number, or by its value where NaN counts."""
    if value.kind == FLOAT64 and "random(" not in value.sql:
        return value
    # Drawn again it would be another number.
    return Value(str(place), INT64)


def limit(query: Query, node: exp.Expr, scope: Scope) -> str:
    """LIMIT and OFFSET.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    text = ""
    for key in ("limit", "offset"):
        clause = node.args.get(key)
        if clause is None:
            continue
        value = query.expressions.value(clause.expression, scope)
        if value.kind != INT64:
            raise ApiError(
                "invalidQuery",
                f"{key.upper()} expects an integer literal or parameter{at(clause)}",
            )
        text += f" {key.upper()} {value.sql}"
    return text
