"""``*``, ``table.*`` and ``struct.*``, with EXCEPT and REPLACE."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.places import at, position
from harness.bigquery.sql.scope import Column, Scope, field_of

if TYPE_CHECKING:
    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.kinds import Value


def expanded(self: Expressions, node: exp.Expr, scope: Scope) -> list[Column] | None:
    """The columns that a star stands for, or None where it is none.

    Raises:
        ApiError: It stands for nothing, or EXCEPT names what is not there.
    """
    star, columns = None, []
    if isinstance(node, exp.Star):
        star = node
        if not scope.sources:
            raise ApiError("invalidQuery", f"SELECT * must have a FROM clause{at(node)}")  # noqa: S608
        columns = _all(scope)
    elif isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
        star = node.this
        columns = _of_path(tuple(part.name for part in node.parts[:-1]), scope, node)
    elif isinstance(node, exp.Dot) and isinstance(node.expression, exp.Star):
        star = node.expression
        columns = _fields(self.value(node.this, scope), node)
    if star is None:
        return None
    told: set[str] = set()
    for column in columns:
        # DuckDB would give the first of them twice.
        if column.value.sql.lower() in told and column.name.lower() not in scope.merged:
            raise UnsupportedError(
                f"* of a subquery with two columns {column.name}", position=position(node)
            )
        told.add(column.value.sql.lower())
    return _changed(self, star, columns, scope)


def _all(scope: Scope) -> list[Column]:
    columns = list(scope.merged.values())
    for source in scope.sources:
        columns += [
            one for one in source.columns if not one.hidden and one.name.lower() not in scope.merged
        ]
    return columns


def _of_path(path: tuple[str, ...], scope: Scope, node: exp.Expr) -> list[Column]:
    if len(path) == 1:
        for source in scope.sources:
            if source.alias.lower() == path[0].lower():
                return [one for one in source.columns if not one.hidden]
    return _fields(scope.find(path, at=at(node)), node)


def _fields(value: Value, node: exp.Expr) -> list[Column]:
    if value.kind.name != "STRUCT":
        raise ApiError(
            "invalidQuery",
            f"Dot-star is not supported for type {value.kind}{at(node)}",
        )
    return [Column(name, field_of(value, name, at="")) for name, _ in value.kind.fields]


def _changed(
    self: Expressions, star: exp.Expr, columns: list[Column], scope: Scope
) -> list[Column]:
    names = {one.name.lower() for one in columns}
    for one in star.args.get("except_") or ():
        if one.name.lower() not in names:
            raise ApiError(
                "invalidQuery",
                f"Column {one.name} in SELECT * EXCEPT list does not exist{at(one)}",
            )
    dropped = {one.name.lower() for one in star.args.get("except_") or ()}
    columns = [one for one in columns if one.name.lower() not in dropped]
    if not columns:
        raise ApiError("invalidQuery", f"SELECT * EXCEPT excludes all columns{at(star)}")
    new = {}
    for one in star.args.get("replace") or ():
        if one.alias.lower() not in names:
            raise ApiError(
                "invalidQuery",
                f"Column {one.alias} in SELECT * REPLACE list does not exist{at(one)}",
            )
        new[one.alias.lower()] = self.value(one.this, scope)
    return [
        replace(one, value=new[one.name.lower()]) if one.name.lower() in new else one
        for one in columns
    ]
