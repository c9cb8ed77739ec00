"""UNION, INTERSECT and EXCEPT, and the rows of VALUES. Source: "Set operators"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import INT64, NULL, Kind, Value, coerced, common
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
    _check_alike(node)
    sides = [query.untyped(one, scope) for one in (node.this, node.expression)]
    if node.args.get("by_name"):
        sides = _by_name(node, sides)
    elif node.args.get("side") or node.args.get("kind"):
        raise ApiError("invalidQuery", f"Syntax error: {way} so needs BY NAME{at(node)}")
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


def _check_alike(node: exp.Expr) -> None:
    """Refuse another set operation beside this one without parentheses."""
    for one in (node.this, node.expression):
        same = type(one) is type(node) and one.args.get("distinct") == node.args.get("distinct")
        if isinstance(one, exp.SetOperation) and not same:
            raise ApiError(
                "invalidQuery",
                "Syntax error: Different set operations cannot be used in the same query without "
                f"using parentheses for grouping{at(one.expression)}",
                location="query",
            )


def _by_name(node: exp.Expr, sides: list[tuple[str, Columns]]) -> list[tuple[str, Columns]]:
    """Both sides with the same columns in the same order, by the names that they have."""
    if node.args.get("on"):
        raise UnsupportedError(f"BY NAME ON{at(node)}")
    known = [{name.lower(): (name, kind) for name, kind in columns} for _, columns in sides]
    left, right = known
    mode = str(node.args.get("side") or node.args.get("kind") or "").upper()
    wanted = list(left)
    if mode == "INNER":
        wanted = [name for name in left if name in right]
    elif mode in ("FULL", "OUTER"):
        wanted += [name for name in right if name not in left]
    elif mode != "LEFT" and set(left) != set(right):
        lost = sorted(set(left) ^ set(right))
        raise ApiError(
            "invalidQuery",
            f"BY NAME needs the same columns on both sides; column {lost[0]} is on one only"
            f"{at(node.expression)}",
            location="query",
        )
    if not wanted or any(len(one) != len(side[1]) for one, side in zip(known, sides, strict=True)):
        raise ApiError("invalidQuery", f"BY NAME needs columns whose names are their own{at(node)}")
    names = {**right, **left}
    aligned = []
    for (sql, columns), mine in zip(sides, known, strict=True):
        given = ", ".join(f"c{number}" for number in range(len(columns)))
        places = {name.lower(): f"c{number}" for number, (name, _) in enumerate(columns)}
        cells = ", ".join(
            f"{places.get(name, 'NULL')} AS {quoted(names[name][0])}" for name in wanted
        )
        kinds = tuple((names[name][0], mine[name][1] if name in mine else NULL) for name in wanted)
        aligned.append((f"SELECT {cells} FROM ({sql}) AS q({given})", kinds))  # noqa: S608
    return aligned


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
