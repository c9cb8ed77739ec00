"""SET of UPDATE and MERGE: columns, and fields of their STRUCTs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.assignment import assigned, is_default
from harness.bigquery.sql.expressions import parts_of
from harness.bigquery.sql.places import at
from harness.bigquery.statements.changes import columns_of
from harness.bigquery.statements.inserting import default_value
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot import exp

    from harness.bigquery.entries import Table
    from harness.bigquery.sql.scope import Scope
    from harness.bigquery.statements.statement import Session
    from harness.bigquery.types import Field


@dataclass
class _Change:
    """What becomes of a column, or of a field of it."""

    column: Field
    value: str | None = None
    inner: dict[str, _Change] = field(default_factory=dict)


def sets_sql(session: Session, table: Table, items: Sequence[exp.Expr], scope: Scope) -> str:
    """The items of SET as DuckDB's SQL.

    Args:
        session: The statement.
        table: The table that is changed.
        items: The assignments.
        scope: What their values see; the first source is the table.

    Raises:
        ApiError: A column is not there or set twice, or a value does not fit.
    """
    if not items:
        raise ApiError("invalidQuery", "Syntax error: SET needs an assignment")
    alias = scope.sources[0].alias
    changes: dict[str, _Change] = {}
    for one in items:
        path = _path(one.this, table, alias)
        place = _place(changes, table, path, one)
        place.value = _value(session, one.expression, place.column, scope)
    return ", ".join(
        f"{quoted(one.column.name)} = {_sql(one, f'{quoted(alias)}.{quoted(one.column.name)}')}"
        for one in changes.values()
    )


def _path(node: exp.Expr, table: Table, alias: str) -> tuple[str, ...]:
    parts = parts_of(node)
    if parts is None:
        raise UnsupportedError(f"assignment to such an expression{at(node)}")
    names = {one.name.lower() for one in table.fields}
    if len(parts) > 1 and parts[0].lower() not in names and parts[0].lower() == alias.lower():
        return parts[1:]
    return parts


def _place(
    changes: dict[str, _Change], table: Table, path: tuple[str, ...], node: exp.Expr
) -> _Change:
    column = columns_of(table, path[:1])[0]
    change = changes.setdefault(column.name, _Change(column))
    for number, name in enumerate(path[1:], start=1):
        inner = change.column
        if inner.type != "STRUCT" or inner.repeated:
            raise ApiError(
                "invalidQuery",
                f"Cannot access field {name} on a value with type {inner.sql_type}{at(node)}",
                location="query",
            )
        found = next((one for one in inner.fields if one.name.lower() == name.lower()), None)
        if found is None:
            raise ApiError(
                "invalidQuery",
                f"Field name {name} does not exist in {'.'.join(path[:number])}{at(node)}",
                location="query",
            )
        if change.value is not None:
            raise _doubled(path, node)
        change = change.inner.setdefault(found.name, _Change(found))
    if change.value is not None or change.inner:
        raise _doubled(path, node)
    return change


def _doubled(path: tuple[str, ...], node: exp.Expr) -> ApiError:
    return ApiError(
        "invalidQuery",
        f"Update item {'.'.join(path)} assigned more than once{at(node)}",
        location="query",
    )


def _value(session: Session, node: exp.Expr, target: Field, scope: Scope) -> str:
    if is_default(node):
        return default_value(target)
    value = session.translator().expressions.value(session.bound(node), scope)
    return assigned(value, target, what="Value", verb="assigned to", at=at(node))


def _sql(change: _Change, old: str) -> str:
    if change.value is not None:
        return change.value
    cells = []
    for one in change.column.fields:
        part = f"struct_extract({old}, {literal(one.name)})"
        new = change.inner.get(one.name)
        cells.append(f"{quoted(one.name)} := {_sql(new, part) if new else part}")
    failed = "error('bq:Cannot set field of NULL STRUCT')"
    return f"CASE WHEN {old} IS NULL THEN {failed} ELSE struct_pack({', '.join(cells)}) END"
