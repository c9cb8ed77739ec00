"""PIVOT. Source: "PIVOT operator" of the reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import Kind
from harness.bigquery.sql.places import at
from harness.bigquery.sql.scope import Scope, Source
from harness.bigquery.sql.unpivots import unpivoted
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from harness.bigquery.sql.query import Query

Columns = tuple[tuple[str, Kind], ...]
# They take NULL for a value, and would see the rows of other columns.
_SEE_NULL = ("ARRAY_AGG", "ARRAY_CONCAT_AGG")


def pivoted(query: Query, pivot: exp.Expr, sql: str, source: Source) -> tuple[str, Columns]:
    """What a table becomes by PIVOT or UNPIVOT.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    fields = pivot.args.get("fields") or []
    if len(fields) != 1 or not isinstance(fields[0], exp.In):
        raise UnsupportedError(f"this form of PIVOT{at(pivot)}")
    if pivot.args.get("unpivot"):
        return unpivoted(pivot, fields[0], sql, source)
    if not fields[0].expressions:
        raise ApiError("invalidQuery", f"Syntax error: PIVOT needs values{at(pivot)}")
    key = fields[0].this
    used = {column.name.lower() for column in key.find_all(exp.Column)}
    for one in pivot.expressions:
        used |= {column.name.lower() for column in one.find_all(exp.Column)}
    kept = [one for one in source.columns if one.name.lower() not in used and not one.hidden]
    cells = [f"{one.value.sql} AS {quoted(one.name)}" for one in kept]
    columns = [(one.name, one.value.kind) for one in kept]
    scope = Scope(sources=[source], parent=query.root)
    for wanted in fields[0].expressions:
        named = isinstance(wanted, exp.PivotAlias | exp.Alias)
        value = wanted.this if named else wanted
        label = wanted.alias if named else _label(value)
        for one in pivot.expressions:
            call = one.this if isinstance(one, exp.Alias) else one
            prefix = one.alias if isinstance(one, exp.Alias) else ""
            if not prefix and len(pivot.expressions) > 1:
                raise ApiError(
                    "invalidQuery",
                    "PIVOT expression must specify an alias unless it is the only pivot "
                    f"expression{at(one)}",
                )
            made = query.expressions.value(_of_matching(call, key, value), scope)
            name = f"{prefix}_{label}" if prefix else label
            cells.append(f"{made.sql} AS {quoted(name)}")
            columns.append((name, made.kind))
    group = " GROUP BY " + ", ".join(str(n + 1) for n in range(len(kept))) if kept else ""
    text = f"(SELECT {', '.join(cells)} FROM {sql} AS {quoted(source.alias)}{group})"  # noqa: S608
    return text, tuple(columns)


def _label(value: exp.Expr) -> str:
    """The name of a column for a value without one, by the table of the reference."""
    if isinstance(value, exp.Null):
        return "NULL"
    if isinstance(value, exp.Boolean):
        return "TRUE" if value.this else "FALSE"
    if isinstance(value, exp.Literal) and value.is_string:
        return str(value.name)
    if isinstance(value, exp.Literal):
        return "_" + str(value.name).replace(".", "_point_")
    if isinstance(value, exp.Neg) and isinstance(value.this, exp.Literal):
        return "minus" + _label(value.this)
    dated = isinstance(value, exp.Cast) and value.to.this == exp.DType.DATE
    if dated and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.this.name):
        return "_" + str(value.this.name).replace("-", "_")
    raise UnsupportedError(f"such a value of PIVOT without a name{at(value)}")


def _of_matching(call: exp.Expr, key: exp.Expr, value: exp.Expr) -> exp.Expr:
    """The aggregate over the rows whose key is the value: others give it NULL."""
    if not isinstance(call, exp.Anonymous) or not call.expressions:
        raise UnsupportedError(f"this aggregate in PIVOT{at(call)}")
    name = call.name.upper()
    test: exp.Expr = exp.EQ(this=key.copy(), expression=value.copy())
    if isinstance(value, exp.Null):
        test = exp.Is(this=key.copy(), expression=exp.Null())
    if isinstance(call.expressions[0], exp.Star):
        return exp.Anonymous(this="COUNTIF", expressions=[test])
    call = call.copy()
    inner = call.expressions[0]
    while isinstance(inner, exp.Order | exp.Limit | exp.IgnoreNulls | exp.HavingMax):
        if isinstance(inner, exp.HavingMax):
            raise UnsupportedError(f"HAVING within an aggregate of PIVOT{at(call)}")
        inner = inner.this
    if isinstance(inner, exp.Distinct):
        inner = inner.expressions[0]
    if name in _SEE_NULL and call.find(exp.IgnoreNulls) is None:
        raise UnsupportedError(f"{name} without IGNORE NULLS in PIVOT{at(call)}")
    inner.replace(exp.If(this=test, true=inner.copy(), false=exp.Null()))
    if name == "ANY_VALUE":
        call.set("expressions", [exp.IgnoreNulls(this=call.expressions[0].copy())])
    return call
