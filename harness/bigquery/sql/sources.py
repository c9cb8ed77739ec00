"""FROM: tables, subqueries, UNNEST and joins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql import pivots
from harness.bigquery.sql.kinds import INT64, Kind, Value, coerced, common
from harness.bigquery.sql.operators import compared
from harness.bigquery.sql.places import at, said
from harness.bigquery.sql.scope import Column, Scope, Source, field_of
from harness.bigquery.types import quoted

if TYPE_CHECKING:
    from harness.bigquery.sql.query import Query


@dataclass(frozen=True, kw_only=True)
class Found:
    """A table that FROM names.

    Attributes:
        sql: What stands for it in DuckDB's FROM.
        columns: Its columns.
        hidden: Columns that ``*`` leaves out, each with its SQL.
        path: The parts of its name.
    """

    sql: str
    columns: tuple[tuple[str, Kind], ...]
    hidden: tuple[tuple[str, str, Kind], ...] = ()
    path: tuple[str, ...] = ()


def name_parts(table: exp.Table) -> tuple[str, ...]:
    """The parts of a table's name; backquotes may have held several together."""
    return tuple(".".join(part.name for part in table.parts).split("."))


def from_clause(query: Query, node: exp.Expr, scope: Scope) -> str:
    """FROM with its joins; the scope gets the sources.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    clause = node.args.get("from_")
    if clause is None:
        return ""
    first = clause.this
    text = item(query, first, scope)
    for join in [*(first.args.get("joins") or ()), *(node.args.get("joins") or ())]:
        text += _join(query, join, scope)
    return f" FROM {text}"


def item(query: Query, node: exp.Expr, scope: Scope) -> str:
    """One item of FROM; the scope gets its source.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    if isinstance(node, exp.Table):
        sql, source = _table(query, node, scope)
    elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Query):
        inner, columns = query.translate(node.this, scope.parent)
        alias = node.alias or f"q_{len(scope.sources)}"
        sql, source = f"({inner})", _source(alias, columns)
    elif isinstance(node, exp.Unnest):
        return _unnest(query, node, node.expressions[0], scope)
    elif isinstance(node, exp.Subquery) and not node.alias:
        text = item(query, node.this, scope)
        for join in [*(node.this.args.get("joins") or ())]:
            text += _join(query, join, scope)
        return f"({text})"
    else:
        raise UnsupportedError(f"{said(node)} in FROM{at(node)}")
    for pivot in node.args.get("pivots") or ():
        sql, columns = pivots.pivoted(query, pivot, sql, source)
        source = _source(pivot.alias or source.alias, columns)
    if node.args.get("sample"):
        raise UnsupportedError(f"TABLESAMPLE{at(node)}")
    _add(scope, source, node)
    return f"{sql} AS {quoted(source.alias)}"


def _add(scope: Scope, source: Source, node: exp.Expr) -> None:
    if any(one.alias.lower() == source.alias.lower() for one in scope.sources):
        raise ApiError(
            "invalidQuery",
            f"Duplicate table alias {source.alias} in the same FROM clause{at(node)}",
            location="query",
        )
    scope.sources.append(source)


def _source(
    alias: str, columns: tuple[tuple[str, Kind], ...], path: tuple[str, ...] = ()
) -> Source:
    made = tuple(
        Column(name, Value(f"{quoted(alias)}.{quoted(name)}", kind)) for name, kind in columns
    )
    return Source(alias, made, path=path)


def _table(query: Query, node: exp.Table, scope: Scope) -> tuple[str, Source]:
    if isinstance(node.this, exp.Anonymous):
        return _table_function(query, node, scope)
    if not isinstance(node.this, exp.Identifier):
        raise UnsupportedError(f"{said(node.this)} in FROM{at(node)}")
    parts = name_parts(node)
    for clause in ("version", "when", "partition"):
        if node.args.get(clause):
            raise UnsupportedError(f"{clause.upper()} of a table")
    alias = node.alias or parts[-1].rpartition(".")[2]
    if any(part.upper() == "INFORMATION_SCHEMA" for part in parts):
        alias = node.alias if node.alias and "." not in node.alias else parts[-1]
    if len(parts) == 1:
        columns = scope.table(parts[0])
        if columns is not None:
            return quoted(parts[0].lower()), _source(alias, columns)
    if len(parts) > 1 and any(one.alias.lower() == parts[0].lower() for one in scope.sources):
        # FROM t, t.column is UNNEST(t.column).
        raise UnsupportedError(f"an array in FROM without UNNEST{at(node)}")
    found = query.resolve(parts)
    return found.sql, source_of(alias, found)


def _table_function(query: Query, node: exp.Table, scope: Scope) -> tuple[str, Source]:
    call = node.this
    parts = [one.name for one in (node.args.get("catalog"), node.args.get("db")) if one]
    parts = [*".".join([*parts, call.name]).split(".")]
    if query.routine is None:
        raise UnsupportedError(f"table function {call.name}{at(node)}")
    made = query.routine(parts, at=at(node), kind="TABLE_VALUED_FUNCTION")
    arguments = [
        query.expressions.value(one, scope.parent or query.root) for one in call.expressions
    ]
    sql, columns = made(query, arguments, at=at(node))
    return f"({sql})", _source(node.alias or parts[-1], columns)


def source_of(alias: str, found: Found) -> Source:
    """A table under a name."""
    source = _source(alias, found.columns, found.path)
    hidden = tuple(
        Column(name, Value(sql.replace("{alias}", quoted(alias)), kind), hidden=True)
        for name, sql, kind in found.hidden
    )
    return Source(alias, source.columns + hidden, path=found.path)


def _unnest(query: Query, node: exp.Expr, array_node: exp.Expr, scope: Scope) -> str:
    array = query.expressions.value(array_node, scope)
    if array.kind.element is None:
        raise ApiError(
            "invalidQuery",
            f"Values referenced in UNNEST must be arrays. UNNEST contains expression of type "
            f"{array.kind}{at(array_node)}",
            location="query",
        )
    element = INT64 if array.kind.element.name == "NULL" else array.kind.element
    alias_node = node.args.get("alias")
    given = alias_node.columns[0].name if alias_node and alias_node.columns else ""
    alias = given or node.alias or f"unnest_{len(scope.sources)}"
    whole = Value(f"{quoted(alias)}.{quoted('v')}", element)
    if element.name == "STRUCT":
        columns = tuple(Column(name, field_of(whole, name, at="")) for name, _ in element.fields)
    else:
        columns = (Column(given or "f0_", whole),)
    cells = f'unnest({array.sql}) AS "v"'
    offset = node.args.get("offset")
    if offset:
        name = offset.name if isinstance(offset, exp.Expr) else "offset"
        cells += f', unnest(range(len({array.sql}))) AS "o"'
        columns += (Column(name or "offset", Value(f'{quoted(alias)}."o"', INT64)),)
    _add(scope, Source(alias, columns, whole=whole), node)
    return f"(SELECT {cells}) AS {quoted(alias)}"


def _join(query: Query, join: exp.Join, scope: Scope) -> str:
    side, kind = (join.args.get("side") or "").upper(), (join.args.get("kind") or "").upper()
    if join.args.get("method") or kind not in ("", "INNER", "OUTER", "CROSS"):
        raise UnsupportedError(f"{join.args.get('method') or kind} JOIN{at(join)}")
    before = list(scope.sources)
    right_sql = item(query, join.this, scope)
    nested = join.this.args.get("joins") if not isinstance(join.this, exp.Subquery) else ()
    for inner in nested or ():
        right_sql += _join(query, inner, scope)
    right = scope.sources[-1]
    on, using = join.args.get("on"), join.args.get("using")
    lateral = isinstance(join.this, exp.Unnest)
    word = f" {side} JOIN " if side else " JOIN "
    if on is not None:
        test = query.expressions.boolean(on, scope, clause="JOIN ON clause")
        if lateral and side == "LEFT":
            raise UnsupportedError(f"LEFT JOIN UNNEST with ON{at(join)}")
        return f"{word}{right_sql} ON {test}"
    if using:
        tests = [_merge(one, before, right, scope, side, join) for one in using]
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
    one: exp.Expr, before: list[Source], right: Source, scope: Scope, side: str, join: exp.Join
) -> str:
    """One column of USING."""
    name = one.name.lower()
    lefts = [
        column for source in before for column in source.columns if column.name.lower() == name
    ]
    if name in scope.merged:
        lefts = [scope.merged[name]]
    rights = [column for column in right.columns if column.name.lower() == name]
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
