"""Expressions of GoogleSQL as DuckDB's SQL, with the type of each."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql import (
    casts,
    constructors,
    functions,
    intervals,
    literals,
    operators,
    paths,
)
from harness.bigquery.sql.kinds import (
    BOOL,
    INTERVAL,
    Kind,
    Value,
    coerced,
    common,
)
from harness.bigquery.sql.paths import parts_of, system_name
from harness.bigquery.sql.places import at, said
from harness.bigquery.sql.signatures import no_match

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.bigquery.sql.query import Query
    from harness.bigquery.sql.scope import Scope


class Expressions:
    """Translates the expressions of one statement.

    Args:
        query: Translates the subqueries.
    """

    def __init__(self, query: Query) -> None:
        self.query = query
        self._kept: dict[int, tuple[Scope, Value]] = {}

    def value(self, node: exp.Expr, scope: Scope) -> Value:
        """Translate one expression.

        Raises:
            ApiError: BigQuery would refuse it, or the stub does.
        """
        if (kept := self._kept.get(id(node))) and kept[0] is scope:
            return kept[1]
        if node.args.get("negate") and not isinstance(node, exp.Like):
            raise UnsupportedError(f"NOT {said(node)}{at(node)}")
        for kind, action in _ACTIONS.items():
            if isinstance(node, kind):
                return action(self, node, scope)
        raise UnsupportedError(said(node) + at(node))

    @contextmanager
    def remembered(
        self, nodes: Sequence[exp.Expr], values: Sequence[Value], scope: Scope
    ) -> Iterator[None]:
        """Meanwhile these expressions have these values, and are not translated again."""
        self._kept.update(
            (id(node), (scope, value)) for node, value in zip(nodes, values, strict=True)
        )
        try:
            yield
        finally:
            for node in nodes:
                self._kept.pop(id(node), None)

    def boolean(self, node: exp.Expr, scope: Scope, *, clause: str) -> str:
        """A condition.

        Raises:
            ApiError: It is no BOOL.
        """
        value = self.value(node, scope)
        if value.kind.name not in ("BOOL", "NULL"):
            raise ApiError(
                "invalidQuery",
                f"{clause} should return type BOOL, but returns {value.kind}{at(node)}",
                location="query",
            )
        return value.sql

    def alike(
        self, nodes: Sequence[exp.Expr], scope: Scope, *, what: str, place: exp.Expr
    ) -> tuple[list[str], Kind]:
        """Expressions made one type.

        Raises:
            ApiError: There is none that all become.
        """
        values = [self.value(node, scope) for node in nodes]
        kind = common(values)
        if kind is None:
            raise no_match(what, values, at=at(place))
        return [coerced(one, kind) for one in values], kind


def _case(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    results = [one.args["true"] for one in node.args["ifs"]]
    default = node.args.get("default")
    cells, kind = self.alike(
        [*results, default if default is not None else exp.Null()],
        scope,
        what="operator CASE",
        place=node,
    )
    conditions = []
    for one in node.args["ifs"]:
        test = one.this
        if node.this is not None:
            test = exp.EQ(this=node.this.copy(), expression=test.copy())
        conditions.append(self.boolean(test, scope, clause="CASE WHEN"))
    whens = " ".join(f"WHEN {a} THEN {b}" for a, b in zip(conditions, cells, strict=False))
    return Value(f"CASE {whens} ELSE {cells[-1]} END", kind)


def _if(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    condition = self.value(node.this, scope)
    branches = [node.args.get("true"), node.args.get("false")]
    if None in branches:
        raise no_match("function IF", [condition], at=at(node))
    cells, kind = self.alike(
        [one for one in branches if one is not None], scope, what="function IF", place=node
    )
    if condition.kind.name not in ("BOOL", "NULL"):
        raise no_match("function IF", [condition, Value("", kind), Value("", kind)], at=at(node))
    return Value(f"CASE WHEN {condition.sql} THEN {cells[0]} ELSE {cells[1]} END", kind)


def _exists(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    sql, _ = self.query.subquery(node.this, scope)
    return Value(f"EXISTS ({sql})", BOOL)


def _scalar_query(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    query = node.this if isinstance(node, exp.Subquery) else node
    if not isinstance(query, exp.Query):
        return self.value(query, scope)
    sql, columns = self.query.subquery(query, scope)
    if len(columns) != 1:
        raise ApiError(
            "invalidQuery",
            "Scalar subquery cannot have more than one column unless using SELECT AS STRUCT to "
            f"build STRUCT values{at(node)}",
        )
    return Value(f"({sql})", columns[0][1])


def _paren(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    inner = self.value(node.this, scope)
    return replace(inner, sql=f"({inner.sql})")


_ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    **paths.ACTIONS,
    **literals.ACTIONS,
    **constructors.ACTIONS,
    exp.Case: _case,
    exp.If: _if,
    exp.Exists: _exists,
    exp.Subquery: _scalar_query,
    exp.Query: _scalar_query,
    exp.Paren: _paren,
    **intervals.ACTIONS,
    **casts.ACTIONS,
    **operators.ACTIONS,
    **functions.ACTIONS,
}
__all__ = ["INTERVAL", "Expressions", "parts_of", "system_name"]
