"""One SELECT. Source: "SELECT list", "WHERE clause" and the other clauses of "Query syntax"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql import joins
from harness.bigquery.sql.aggregates import window
from harness.bigquery.sql.expressions import parts_of
from harness.bigquery.sql.grouping import group_by
from harness.bigquery.sql.ordering import check_names, limit, order_by
from harness.bigquery.sql.places import at
from harness.bigquery.sql.scope import Scope
from harness.bigquery.sql.stars import expanded
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from harness.bigquery.sql.kinds import Value
    from harness.bigquery.sql.query import Columns, Query

_CLAUSES = (
    "with_",
    "expressions",
    "distinct",
    "kind",
    "from_",
    "joins",
    "where",
    "group",
    "having",
    "qualify",
    "windows",
    "order",
    "limit",
    "offset",
)


def select(  # noqa: C901
    query: Query, node: exp.Select, outer: Scope
) -> tuple[str, Columns]:
    """A SELECT with all its clauses.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    scope = Scope(parent=outer)
    for clause, given in node.args.items():
        if given and clause not in _CLAUSES:
            raise UnsupportedError(clause.upper().strip("_"))
    if not node.expressions:
        raise ApiError("invalidQuery", "Syntax error: SELECT list must not be empty")
    from_sql = joins.from_clause(query, node, scope)
    where = ""
    if node.args.get("where"):
        condition = node.args["where"].this
        _no_calls_of_aggregates(condition)
        test = query.expressions.boolean(condition, scope, clause="WHERE clause")
        where = f" WHERE {test}"
    named = _projections(query, node, scope)
    if node.args.get("kind") == "VALUE" and len(named) != 1:
        raise ApiError(
            "invalidQuery", f"SELECT AS VALUE query must have exactly one column{at(node)}"
        )
    check_names(node, [(name, value) for name, value, _ in named])
    later = Scope(
        sources=scope.sources,
        parent=outer,
        merged=scope.merged,
        aliases={name.lower(): value for name, value, own in named if own},
    )
    places = {name.lower(): number for number, (name, _, _) in enumerate(named, start=1)}
    tail = where + group_by(query, node, later, places, named)
    for key, word in (("having", "HAVING"), ("qualify", "QUALIFY")):
        if node.args.get(key):
            test = query.expressions.boolean(node.args[key].this, later, clause=f"{word} clause")
            tail += f" {word} {test}"
    if node.args.get("windows"):
        defined = [
            f"{quoted(one.name)} AS {window(query.expressions, one, scope)}"
            for one in node.args["windows"]
        ]
        tail += f" WINDOW {', '.join(defined)}"
    tail += order_by(query, node, later, places, [value for _, value, _ in named])
    tail += limit(query, node, later)
    cells = ", ".join(f"{_shown(value)} AS {quoted(name)}" for name, value, _ in named)
    distinct = ""
    if node.args.get("distinct"):
        distinct = "DISTINCT "
        for _, value, _ in named:
            if value.kind.name == "JSON":
                raise ApiError(
                    "invalidQuery",
                    f"Column of type JSON cannot be used in SELECT DISTINCT{at(node)}",
                )
    columns = tuple((name, value.kind) for name, value, _ in named)
    return f"SELECT {distinct}{cells}{from_sql}{tail}", columns


def _projections(query: Query, node: exp.Select, scope: Scope) -> list[tuple[str, Value, bool]]:
    """Name, value, and whether the name was given here."""
    named: list[tuple[str, Value, bool]] = []
    count = 0
    for one in node.expressions:
        star = expanded(query.expressions, one, scope)
        if star is not None:
            named += [(column.name, column.value, False) for column in star]
        elif isinstance(one, exp.Alias):
            named.append((one.alias, query.expressions.value(one.this, scope), True))
        else:
            value, path = query.expressions.value(one, scope), parts_of(one)
            name = path[-1] if path else ""
            if isinstance(one, exp.Dot) and isinstance(one.expression, exp.Identifier):
                name = one.expression.name
            if not name:
                name, count = f"f{count}_", count + 1
            named.append((name, value, False))
    return named


def _shown(value: Value) -> str:
    return "CAST(NULL AS BIGINT)" if value.kind.name == "NULL" else value.sql


def _no_calls_of_aggregates(condition: exp.Expr) -> None:
    from harness.bigquery.sql.aggregates import table_of_aggregates  # noqa: PLC0415

    for inner in condition.walk(prune=lambda one: isinstance(one, exp.Query | exp.Subquery)):
        if isinstance(inner, exp.Window):
            raise ApiError(
                "invalidQuery", f"Analytic function not allowed in WHERE clause{at(inner)}"
            )
        if isinstance(inner, exp.Anonymous) and inner.name.upper() in table_of_aggregates():
            raise ApiError(
                "invalidQuery",
                f"Aggregate function {inner.name.upper()} not allowed in WHERE clause{at(inner)}",
            )
