"""Joins of FROM: ON, USING, and what a comma means. Source: "Join operation" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql import sources, unnests
from harness.bigquery.sql.comparisons import compared
from harness.bigquery.sql.kinds import Value, coerced, common
from harness.bigquery.sql.places import at
from harness.bigquery.sql.scope import Column, Scope, Source

if TYPE_CHECKING:
    from harness.bigquery.sql.query import Query


def from_clause(query: Query, node: exp.Expr, scope: Scope) -> str:
    """FROM with its joins; the scope gets the sources.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    clause = node.args.get("from_")
    if clause is None:
        return ""
    first = clause.this
    text = sources.item(query, first, scope)
    for one in [*(first.args.get("joins") or ()), *(node.args.get("joins") or ())]:
        text += join_sql(query, one, scope)
    return f" FROM {text}"


def join_sql(query: Query, join: exp.Join, scope: Scope) -> str:
    """One join with what it joins; the scope gets the sources.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    side, kind = (join.args.get("side") or "").upper(), (join.args.get("kind") or "").upper()
    if join.args.get("method") == "NATURAL":
        raise ApiError("invalidQuery", f"Natural join not supported{at(join)}")
    if join.args.get("method") or kind not in ("", "INNER", "OUTER", "CROSS"):
        raise UnsupportedError(f"{join.args.get('method') or kind} JOIN{at(join)}")
    before = list(scope.sources)
    right_sql = sources.item(query, join.this, scope)
    nested = join.this.args.get("joins") if not isinstance(join.this, exp.Subquery) else ()
    for inner in nested or ():
        right_sql += join_sql(query, inner, scope)
    rights = scope.sources[len(before) :]
    on, using = join.args.get("on"), join.args.get("using")
    lateral = unnests.is_array(join.this, before)
    word = f" {side} JOIN " if side else " JOIN "
    if on is not None:
        test = query.expressions.boolean(on, scope, clause="JOIN ON clause")
        if lateral and side == "LEFT":
            return f"{word}{unnests.filtered(right_sql, rights[0], test)} ON true"
        return f"{word}{right_sql} ON {test}"
    if using:
        tests = [_merge(one, before, rights, scope, side, join) for one in using]
        return f"{word}{right_sql} ON {' AND '.join(tests)}"
    if lateral and side == "LEFT":
        return f" LEFT JOIN {right_sql} ON true"
    if side or kind == "INNER" or (not kind and not lateral and not _comma(join)):
        raise ApiError(
            "invalidQuery",
            f"Syntax error: {side or 'INNER'} JOIN must have an immediately following ON or USING "
            f"clause{at(join)}",
        )
    return f" CROSS JOIN {right_sql}"


def _comma(join: exp.Join) -> bool:
    return not join.args.get("kind") and not join.args.get("side") and not join.args.get("method")


def _merge(
    one: exp.Expr,
    before: list[Source],
    after: list[Source],
    scope: Scope,
    side: str,
    join: exp.Join,
) -> str:
    """One column of USING."""
    name = one.name.lower()
    lefts = [
        column for source in before for column in source.columns if column.name.lower() == name
    ]
    if name in scope.merged:
        lefts = [scope.merged[name]]
    rights = [
        column for source in after for column in source.columns if column.name.lower() == name
    ]
    if len(lefts) != 1 or len(rights) != 1:
        where = "left" if len(lefts) != 1 else "right"
        raise ApiError(
            "invalidQuery",
            f"Column {one.name} in USING clause not found on {where} side of join{at(one)}",
        )
    a, b = lefts[0].value, rights[0].value
    test = compared(a, b, "=", join)
    kind = common([a, b]) or a.kind
    a_sql, b_sql = coerced(a, kind), coerced(b, kind)
    sql = {"RIGHT": b_sql, "FULL": f"coalesce({a_sql}, {b_sql})"}.get(side, a_sql)
    scope.merged[name] = Column(lefts[0].name, Value(sql, kind))
    return test
