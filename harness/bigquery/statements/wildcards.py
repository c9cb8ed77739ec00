"""Wildcard tables: ``dataset.prefix_*`` with ``_TABLE_SUFFIX``.

Source: "Query multiple tables using a wildcard table" of the reference: the schema is that of the
newest table, and a constant filter on the suffix decides which tables are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.partitions.pruning import conditions_of
from harness.bigquery.schemas import widened
from harness.bigquery.sql.kinds import STRING, Kind, Value, kind_of_field
from harness.bigquery.sql.scope import Column, Scope, Source
from harness.bigquery.sql.sources import Found, name_parts
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.bigquery.entries import Table
    from harness.bigquery.statements.statement import Session
    from harness.bigquery.types import Field

_SUFFIX = "_TABLE_SUFFIX"


def wildcard(session: Session, parts: tuple[str, ...]) -> Found:
    """What stands for a wildcard table in FROM.

    Raises:
        ApiError: No table fits, one is a view or external, or the columns are of different types.
    """
    ref = session.ref(parts)
    prefix = ref.table.removesuffix("*")
    session.catalog.dataset(ref.project, ref.dataset, location=session.location)
    matching = [
        one
        for one in session.catalog.tables(ref.project, ref.dataset)
        if one.ref.table.startswith(prefix)
    ]
    if not matching:
        raise ApiError("invalidQuery", f"{ref} does not match any table.", location="query")
    for one in matching:
        if one.view is not None:
            raise ApiError(
                "invalidQuery",
                f"Views cannot be queried through prefix. First view {one.ref}.",
                location="query",
            )
        if one.external is not None:
            raise ApiError(
                "invalidQuery",
                "External tables cannot be queried through prefix. "
                f"First external table {one.ref}.",
                location="query",
            )
    newest = max(matching, key=lambda one: (one.created, one.ref.table))
    read = _wanted(session, parts, {one.ref.table.removeprefix(prefix): one for one in matching})
    session.read.extend(read)
    for one in read:
        session.check_filter(one)
    selects = [_rows(one, newest, one.ref.table.removeprefix(prefix)) for one in read]
    if not selects:
        selects = [f"{_rows(newest, newest, '')} WHERE false"]
    return Found(
        sql=f"({' UNION ALL '.join(selects)})",
        columns=tuple((one.name, kind_of_field(one)) for one in newest.fields),
        hidden=((_SUFFIX, f'{{alias}}."{_SUFFIX}"', STRING), *_hidden(newest)),
        path=(ref.project, ref.dataset, ref.table),
    )


def _hidden(newest: Table) -> Iterator[tuple[str, str, Kind]]:
    if newest.pseudo:
        moment = '{alias}."_PARTITIONTIME"'
        yield "_PARTITIONTIME", moment, Kind("TIMESTAMP")
        yield "_PARTITIONDATE", f"CAST({moment} AS DATE)", Kind("DATE")


def _rows(table: Table, newest: Table, suffix: str) -> str:
    """The rows of one table with the columns of the newest."""
    have = {one.name.lower(): one for one in table.fields}
    cells = [_cell(have.get(one.name.lower()), one) for one in newest.fields]
    cells.append(f"{literal(suffix)} AS {quoted(_SUFFIX)}")
    if newest.pseudo:
        if not table.pseudo:
            raise UnsupportedError(f"a wildcard over tables with and without {newest.pseudo[0]}")
        cells += [quoted(one) for one in newest.pseudo]
    return f"SELECT {', '.join(cells)} FROM {table.rows_in}"  # noqa: S608


def _cell(have: Field | None, wanted: Field) -> str:
    name = quoted(wanted.name)
    if have is None:
        empty = "[]" if wanted.repeated else "NULL"
        return f"CAST({empty} AS {wanted.duckdb_type}) AS {name}"
    if not _fits(have, wanted):
        raise ApiError(
            "invalidQuery",
            f"Cannot read field of type {have.sql_type} as {wanted.sql_type} Field: {wanted.name}",
            location="query",
        )
    return f"{widened(have, wanted, quoted(have.name))} AS {name}"


def _fits(have: Field, wanted: Field) -> bool:
    if (have.type, have.repeated) != (wanted.type, wanted.repeated):
        return False
    inner = {one.name.lower(): one for one in have.fields}
    return all(
        one.name.lower() not in inner or _fits(inner[one.name.lower()], one)
        for one in wanted.fields
    )


def _wanted(session: Session, parts: Sequence[str], tables: dict[str, Table]) -> list[Table]:
    """The tables that a constant filter on the suffix leaves, of all mentions together."""
    kept: set[str] = set()
    for mention in session.bound(session.tree).find_all(exp.Table):
        if tuple(parts) == name_parts(mention):
            kept |= _left(session, mention, list(tables))
    return [tables[one] for one in tables if one in kept]


def _left(session: Session, mention: exp.Table, suffixes: list[str]) -> set[str]:
    alias = (mention.alias or name_parts(mention)[-1].rpartition(".")[2]).lower()
    tests = [
        one
        for condition in conditions_of(mention)
        for one in _conjuncts(condition)
        if _is_constant(one, alias)
    ]
    if not tests:
        return set(suffixes)
    query = session.translator()
    source = Source(alias, (Column(_SUFFIX, Value("s", STRING)),))
    scope = Scope(sources=[source], parent=query.root)
    where = " AND ".join(
        f"({query.expressions.boolean(one.copy(), scope, clause='WHERE clause')})" for one in tests
    )
    rows = ", ".join(f"({literal(one)})" for one in suffixes)
    with session.cursor() as cursor:
        left = cursor.execute(
            f"SELECT s FROM (VALUES {rows}) AS t(s) WHERE {where}"  # noqa: S608
        ).fetchall()
    return {str(row[0]) for row in left}


def _conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And):
        yield from _conjuncts(node.this)
        yield from _conjuncts(node.expression)
    else:
        yield node


def _is_constant(node: exp.Expr, alias: str) -> bool:
    columns = list(node.find_all(exp.Column))
    return (
        bool(columns)
        and node.find(exp.Query) is None
        and all(one.name.upper() == _SUFFIX and one.table.lower() in ("", alias) for one in columns)
    )
