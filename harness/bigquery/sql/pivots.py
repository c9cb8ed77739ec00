"""PIVOT and UNPIVOT. Source: "PIVOT operator" and "UNPIVOT operator" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import STRING, Kind, Value, coerced, common
from harness.bigquery.sql.operators import compared
from harness.bigquery.sql.places import at
from harness.bigquery.sql.scope import Scope, Source
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from harness.bigquery.sql.query import Query

Columns = tuple[tuple[str, Kind], ...]


def pivoted(query: Query, pivot: exp.Expr, sql: str, source: Source) -> tuple[str, Columns]:
    """What a table becomes by PIVOT or UNPIVOT.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    fields = pivot.args.get("fields") or []
    if len(fields) != 1 or not isinstance(fields[0], exp.In):
        raise UnsupportedError(f"this form of PIVOT{at(pivot)}")
    if pivot.args.get("unpivot"):
        return _unpivoted(pivot, fields[0], sql, source)
    scope = Scope(sources=[source])
    key = query.expressions.value(fields[0].this, scope)
    used = {column.name.lower() for column in fields[0].this.find_all(exp.Column)}
    for one in pivot.expressions:
        used |= {column.name.lower() for column in one.find_all(exp.Column)}
    kept = [one for one in source.columns if one.name.lower() not in used and not one.hidden]
    cells = [f"{one.value.sql} AS {quoted(one.name)}" for one in kept]
    columns = [(one.name, one.value.kind) for one in kept]
    for wanted in fields[0].expressions:
        named = isinstance(wanted, exp.PivotAlias | exp.Alias)
        value = wanted.this if named else wanted
        if not isinstance(value, exp.Literal | exp.Boolean) or (not named and not value.is_string):
            raise UnsupportedError(f"a value of PIVOT that is neither text nor named{at(wanted)}")
        label = wanted.alias if named else value.name
        test = compared(key, query.expressions.value(value, scope), "=", pivot)
        for one in pivot.expressions:
            call = one.this if isinstance(one, exp.Alias) else one
            prefix = one.alias if isinstance(one, exp.Alias) else ""
            if not prefix and len(pivot.expressions) > 1:
                raise UnsupportedError(f"several aggregates of PIVOT without names{at(pivot)}")
            made = _aggregate(query, call, scope, test)
            name = f"{prefix}_{label}" if prefix else label
            cells.append(f"{made.sql} AS {quoted(name)}")
            columns.append((name, made.kind))
    group = " GROUP BY " + ", ".join(str(n + 1) for n in range(len(kept))) if kept else ""
    text = f"(SELECT {', '.join(cells)} FROM {sql} AS {quoted(source.alias)}{group})"  # noqa: S608
    return text, tuple(columns)


def _aggregate(query: Query, call: exp.Expr, scope: Scope, test: str) -> Value:
    if not isinstance(call, exp.Anonymous) or len(call.expressions) != 1:
        raise UnsupportedError(f"this aggregate in PIVOT{at(call)}")
    argument = call.expressions[0]
    if isinstance(argument, exp.Star):
        return Value(f"count(CASE WHEN {test} THEN 1 END)", Kind("INT64"))
    if not isinstance(argument, exp.Column):
        raise UnsupportedError(f"an aggregate of an expression in PIVOT{at(call)}")
    made = query.expressions.value(call, scope)
    plain = query.expressions.value(argument, scope).sql
    return Value(made.sql.replace(plain, f"(CASE WHEN {test} THEN {plain} END)"), made.kind)


def _unpivoted(pivot: exp.Expr, field: exp.In, sql: str, source: Source) -> tuple[str, Columns]:
    if len(pivot.expressions) != 1 or isinstance(pivot.expressions[0], exp.Tuple):
        raise UnsupportedError(f"UNPIVOT of several columns at once{at(pivot)}")
    value_name, label_name = pivot.expressions[0].name, field.this.name
    known = {one.name.lower(): one for one in source.columns}
    taken = []
    for one in field.expressions:
        named = isinstance(one, exp.PivotAlias | exp.Alias)
        column = known.get((one.this if named else one).name.lower())
        if column is None:
            raise ApiError("invalidQuery", f"Unrecognized name: {one.name}{at(one)}")
        label = one.args["alias"] if named else None
        if label is not None and not (isinstance(label, exp.Literal) and label.is_string):
            raise UnsupportedError(f"UNPIVOT with such a name{at(one)}")
        taken.append((column, label.name if label is not None else column.name))
    kind = common([column.value for column, _ in taken])
    if kind is None:
        raise ApiError("invalidQuery", f"UNPIVOT columns have incompatible types{at(pivot)}")
    names = {column.name for column, _ in taken}
    kept = [one for one in source.columns if one.name not in names and not one.hidden]
    parts = []
    for column, label in taken:
        cells = [f"{one.value.sql} AS {quoted(one.name)}" for one in kept]
        cells.append(f"{coerced(column.value, kind)} AS {quoted(value_name)}")
        cells.append(f"{literal(label)} AS {quoted(label_name)}")
        parts.append(f"SELECT {', '.join(cells)} FROM {sql} AS {quoted(source.alias)}")  # noqa: S608
        if not pivot.args.get("include_nulls"):
            parts[-1] += f" WHERE {column.value.sql} IS NOT NULL"
    columns = [*((one.name, one.value.kind) for one in kept), (value_name, kind)]
    return f"({' UNION ALL '.join(parts)})", (*columns, (label_name, STRING))
