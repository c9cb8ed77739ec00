"""A statement's query, made ready for DuckDB."""

from __future__ import annotations

from sqlglot import exp

from harness.bigquery.sql.sources import name_parts


def anonymous_columns(tree: exp.Expr) -> list[int]:
    """The positions, from 1, of the query's columns that have no name."""
    query = tree
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    given = enumerate(query.args.get("expressions") or (), start=1)
    return [position for position, one in given if not _has_name(one)]


def _has_name(projection: exp.Expr) -> bool:
    if isinstance(projection, exp.Dot):
        return isinstance(projection.expression, exp.Identifier | exp.Star)
    return isinstance(projection, exp.Alias | exp.Column | exp.Star)


__all__ = ["anonymous_columns", "name_parts"]
