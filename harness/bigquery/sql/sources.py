"""What FROM names: tables, functions that give tables, subqueries, samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql import joins, pivots, unnests
from harness.bigquery.sql.kinds import TIMESTAMP, Kind, Value
from harness.bigquery.sql.places import at, said
from harness.bigquery.sql.scope import Column, Scope, Source
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
    """The parts of a table's name; backquotes may have held several together.

    Raises:
        ApiError: Where a name is expected stands something else.
    """
    if not isinstance(table, exp.Table):
        raise ApiError("invalidQuery", f"Syntax error: Expected a name{at(table)}")
    return tuple(".".join(part.name for part in table.parts).split("."))


def item(query: Query, node: exp.Expr, scope: Scope) -> str:
    """One item of FROM; the scope gets its source.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    if isinstance(node, exp.Unnest):
        return unnests.explicit(query, node, scope)
    if isinstance(node, exp.Table):
        if unnests.is_path(node, scope):
            return unnests.implicit(node, scope)
        sql, source = _table(query, node, scope)
    elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Query):
        sql, source = _subquery(query, node, scope)
    elif isinstance(node, exp.Subquery) and not node.alias:
        _refuse_clauses(node.this)
        text = item(query, node.this, scope)
        for join in node.this.args.get("joins") or ():
            text += joins.join_sql(query, join, scope)
        return f"({text})"
    else:
        raise UnsupportedError(f"{said(node)} in FROM{at(node)}")
    for pivot in node.args.get("pivots") or ():
        sql, columns = pivots.pivoted(query, pivot, sql, source)
        source = _source(pivot.alias or source.alias, columns)
    if node.args.get("sample"):
        sql = _sampled(sql, node.args["sample"])
    add(scope, source, node)
    return f"{sql} AS {quoted(source.alias)}"


def _refuse_clauses(node: exp.Expr) -> None:
    """Refuse what the parser takes behind a table or a join in parentheses, and GoogleSQL not."""
    for clause in ("where", "group", "having", "qualify", "windows", "order", "limit", "offset"):
        if node.args.get(clause):
            word = clause.removesuffix("s").upper()
            raise ApiError(
                "invalidQuery",
                f'Syntax error: Expected ")" but got keyword {word}{at(node)}',
                location="query",
            )


def add(scope: Scope, source: Source, node: exp.Expr) -> None:
    """Give a scope one source more.

    Raises:
        ApiError: Its name is taken.
    """
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


def _subquery(query: Query, node: exp.Subquery, scope: Scope) -> tuple[str, Source]:
    inner, columns = query.rows(node.this, scope.parent)
    alias = node.alias or f"q_{len(scope.sources)}"
    source = _source(alias, columns)
    plain = isinstance(node.this, exp.Select) and node.this.args.get("kind") == "VALUE"
    if plain and len(columns) == 1:
        source = Source(alias, source.columns, whole=source.columns[0].value)
    return f"({inner})", source


def _sampled(sql: str, sample: exp.Expr) -> str:
    """TABLESAMPLE SYSTEM: whole blocks by chance, which a small table has one of."""
    percent = sample.args.get("percent")
    method = sample.args.get("method")
    if not isinstance(percent, exp.Literal) or method is None or method.name.upper() != "SYSTEM":
        raise UnsupportedError(f"this form of TABLESAMPLE{at(sample)}")
    if not 0 <= float(percent.name) <= 100:  # noqa: PLR2004
        raise ApiError("invalidQuery", f"TABLESAMPLE percent must be between 0 and 100{at(sample)}")
    return f"(SELECT * FROM {sql} USING SAMPLE {percent.name} PERCENT (system))"  # noqa: S608


def _table(query: Query, node: exp.Table, scope: Scope) -> tuple[str, Source]:
    if isinstance(node.this, exp.Anonymous):
        return _table_function(query, node, scope)
    if not isinstance(node.this, exp.Identifier):
        raise UnsupportedError(f"{said(node.this)} in FROM{at(node)}")
    parts = name_parts(node)
    for clause in ("when", "partition"):
        if node.args.get(clause):
            raise UnsupportedError(f"{clause.upper()} of a table")
    as_of = _moment(query, node.args.get("version"))
    alias = node.alias or parts[-1].rpartition(".")[2]
    if any(part.upper() == "INFORMATION_SCHEMA" for part in parts):
        alias = node.alias if node.alias and "." not in node.alias else parts[-1]
    if len(parts) == 1:
        columns = scope.table(parts[0])
        if columns is not None and as_of is not None:
            raise ApiError(
                "invalidQuery",
                f"FOR SYSTEM_TIME AS OF cannot be used on a name of WITH{at(node)}",
            )
        if columns is not None:
            return quoted(parts[0].lower()), _source(alias, columns)
    found = query.resolve(parts) if as_of is None else query.resolve(parts, as_of=as_of)
    return found.sql, source_of(alias, found)


def _moment(query: Query, version: exp.Expr | None) -> str | None:
    """SQL of the time of FOR SYSTEM_TIME AS OF, or None."""
    if version is None:
        return None
    given = version.args.get("expression")
    if version.args.get("kind") != "AS OF" or given is None:
        raise UnsupportedError(f"this form of FOR SYSTEM_TIME{at(version)}")
    for column in given.find_all(exp.Column, exp.Query):
        if column.name.lower() not in query.root.aliases or isinstance(column, exp.Query):
            raise ApiError(
                "invalidQuery",
                f"FOR SYSTEM_TIME AS OF expression must be constant{at(version)}",
            )
    value = query.expressions.value(given, query.root)
    if value.kind != TIMESTAMP and not (value.literal and value.kind.name == "STRING"):
        raise ApiError(
            "invalidQuery",
            f"FOR SYSTEM_TIME AS OF must be of type TIMESTAMP but was of type {value.kind}"
            f"{at(version)}",
        )
    return f"CAST({value.sql} AS TIMESTAMP WITH TIME ZONE)"


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
