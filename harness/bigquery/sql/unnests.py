"""UNNEST, and arrays that FROM names by their path. Source: "UNNEST operator" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.sql import sources
from harness.bigquery.sql.kinds import INT64, Value
from harness.bigquery.sql.places import at
from harness.bigquery.sql.scope import Column, Scope, Source, field_of
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.sql.query import Query


def is_path(node: exp.Table, scope: Scope) -> bool:
    """Whether a name of FROM is the path of an array: ``FROM t, t.items``."""
    return _begins_with(node, scope.sources)


def is_array(node: exp.Expr, before: Sequence[Source]) -> bool:
    """Whether an item of FROM is an array of the row before it."""
    return isinstance(node, exp.Unnest) or (
        isinstance(node, exp.Table) and _begins_with(node, before)
    )


def _begins_with(node: exp.Table, before: Sequence[Source]) -> bool:
    if not isinstance(node.this, exp.Identifier):
        return False
    parts = sources.name_parts(node)
    return len(parts) > 1 and any(one.alias.lower() == parts[0].lower() for one in before)


def explicit(query: Query, node: exp.Unnest, scope: Scope) -> str:
    """UNNEST(array).

    Raises:
        ApiError: It is no array.
    """
    alias = node.args.get("alias")
    given = alias.columns[0].name if alias and alias.columns else node.alias
    offset = node.args.get("offset")
    named = (offset.name if isinstance(offset, exp.Expr) else "offset") if offset else None
    array = query.expressions.value(node.expressions[0], scope)
    return _rows(array, node, scope, alias=given, offset=named)


def implicit(node: exp.Table, scope: Scope) -> str:
    """An array by its path; without a name of its own it has that of its last part.

    Raises:
        ApiError: It is no array.
    """
    parts = sources.name_parts(node)
    array = scope.find(parts, at=at(node))
    offset = node.meta.get("offset")
    # A column of the same name stands behind it from here on.
    return _rows(array, node, scope, alias=node.alias or parts[-1], offset=offset)


def filtered(sql: str, source: Source, test: str) -> str:
    """The rows of an array that fit, for LEFT JOIN ... ON."""
    alias = quoted(source.alias)
    return f"(SELECT * FROM {sql} WHERE {test}) AS {alias}"  # noqa: S608


def _rows(array: Value, node: exp.Expr, scope: Scope, *, alias: str, offset: str | None) -> str:
    if array.kind.element is None:
        raise ApiError(
            "invalidQuery",
            f"Values referenced in UNNEST must be arrays. UNNEST contains expression of type "
            f"{array.kind}{at(node)}",
            location="query",
        )
    element = INT64 if array.kind.element.name == "NULL" else array.kind.element
    name = alias or f"unnest_{len(scope.sources)}"
    whole = Value(f'{quoted(name)}."v"', element)
    if element.name == "STRUCT":
        columns = tuple(Column(one, field_of(whole, one, at="")) for one, _ in element.fields)
    else:
        columns = (Column(alias or "f0_", whole),)
    cells = f'unnest({array.sql}) AS "v"'
    if offset is not None:
        cells += f', unnest(range(len({array.sql}))) AS "o"'
        columns += (Column(offset, Value(f'{quoted(name)}."o"', INT64)),)
    sources.add(scope, Source(name, columns, whole=whole), node)
    return f"(SELECT {cells}) AS {quoted(name)}"
