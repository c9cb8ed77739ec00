"""UNION, INTERSECT and EXCEPT, and the rows of VALUES. Source: "Set operators"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.sql.kinds import INT64, Kind, Value, coerced, common
from harness.bigquery.sql.places import at
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from harness.bigquery.sql.query import Columns, Query
    from harness.bigquery.sql.scope import Scope


def set_operation(query: Query, node: exp.Expr, scope: Scope) -> tuple[str, Columns]:
    """Two queries joined by UNION, INTERSECT or EXCEPT.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    way = type(node).__name__.upper()
    all_rows = "DISTINCT" if node.args.get("distinct") else "ALL"
    if all_rows == "ALL" and way != "UNION":
        raise ApiError("invalidQuery", f"Syntax error: {way} ALL is not supported{at(node)}")
    sides = [query.untyped(one, scope) for one in (node.this, node.expression)]
    (_, left), (_, right) = sides
    if len(left) != len(right):
        raise ApiError(
            "invalidQuery",
            f"Queries in {way} {all_rows} have mismatched column count; query 1 has "
            f"{len(left)} column{'s' * (len(left) != 1)}, query 2 has {len(right)} "
            f"column{'s' * (len(right) != 1)}{at(node.expression)}",
            location="query",
        )
    kinds = []
    for number, ((_, a), (_, b)) in enumerate(zip(left, right, strict=True), start=1):
        kind = common([Value("", a), Value("", b)])
        if kind is None:
            raise ApiError(
                "invalidQuery",
                f"Column {number} in {way} {all_rows} has incompatible types: {a}, {b}"
                f"{at(node.expression)}",
                location="query",
            )
        kinds.append(kind)
    texts = []
    for sql, columns in sides:
        names = ", ".join(f"c{number}" for number in range(len(columns)))
        cells = ", ".join(
            f"{_made(f'c{number}', have, wanted)} AS {quoted(name)}"
            for number, ((_, have), wanted, (name, _)) in enumerate(
                zip(columns, kinds, left, strict=True)
            )
        )
        texts.append(f"SELECT {cells} FROM ({sql}) AS q({names})")  # noqa: S608
    joined = f"{way}{' ALL' if all_rows == 'ALL' else ''}"
    named = tuple((name, kind) for (name, _), kind in zip(left, kinds, strict=True))
    return f"SELECT * FROM ({texts[0]} {joined} {texts[1]}) AS q", named  # noqa: S608


def values(query: Query, node: exp.Expr, scope: Scope) -> tuple[str, Columns]:
    """The rows of INSERT ... VALUES."""
    rows = [
        [
            query.expressions.value(cell, scope)
            for cell in (row.expressions if isinstance(row, exp.Tuple) else [row.this])
        ]
        for row in node.expressions
    ]
    if len({len(row) for row in rows}) != 1:
        raise ApiError("invalidQuery", "Inserted rows have different numbers of columns")
    columns = []
    for number, cells in enumerate(zip(*rows, strict=True)):
        kind = common(cells)
        if kind is None:
            raise ApiError(
                "invalidQuery", f"Values of column {number + 1} have no common type{at(node)}"
            )
        columns.append((f"c{number}", INT64 if kind.name == "NULL" else kind))
    texts = [
        ", ".join(coerced(one, kind) for one, (_, kind) in zip(row, columns, strict=True))
        for row in rows
    ]
    return f"SELECT * FROM (VALUES ({'), ('.join(texts)})) AS given", tuple(columns)  # noqa: S608


def _made(sql: str, have: Kind, wanted: Kind) -> str:
    if have.name == "NULL":
        return f"CAST(NULL AS {wanted.duckdb})"
    return coerced(Value(sql, have), wanted)
