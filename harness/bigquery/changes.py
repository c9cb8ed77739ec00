"""What INSERT, UPDATE, DELETE and MERGE have in common: their target, its columns, the change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.assignment import check, is_literal
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.partition_limits import check_changed
from harness.bigquery.queries import result_fields
from harness.bigquery.sql.scope import Scope
from harness.bigquery.sql.sources import name_parts, source_of
from harness.bigquery.statement import Outcome, Session
from harness.bigquery.views import refuse_changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.entries import Table
    from harness.bigquery.types import Field


def checked_values(
    session: Session,
    pairs: Sequence[tuple[Field, exp.Expr]],
    scope: Scope,
    rows: str,
    *,
    verb: str,
) -> list[str]:
    """Values made the types of their columns, as SQL.

    Raises:
        ApiError: A value does not fit its column.
    """
    values = [expression_sql(session, value, scope) for _, value in pairs]
    found = plain_fields(session, f"SELECT {', '.join(values)} FROM {rows}")  # noqa: S608
    fields = [field for field, _ in pairs]
    literals = [is_literal(value) for _, value in pairs]
    check(fields, found, literals, verb=verb)
    return [
        cell(value, field, is_null=literal is None)
        for field, value, literal in zip(fields, values, literals, strict=True)
    ]


def cell(value: str, field: Field, *, is_null: bool) -> str:
    """SQL of a value made the type of a column."""
    return f"CAST({'NULL' if is_null else value} AS {field.duckdb_type})"


def target_scope(session: Session, table: Table, named: exp.Table) -> Scope:
    """What expressions over the target see: its columns, under its name."""
    alias = named.alias or table.ref.table
    return Scope(
        sources=[source_of(alias, session.found_table(table))], parent=session.translator().root
    )


def condition_sql(session: Session, node: exp.Expr, scope: Scope) -> str:
    """A condition as DuckDB's SQL.

    Raises:
        ApiError: It is none.
    """
    expressions = session.translator().expressions
    return f"({expressions.boolean(session.bound(node), scope, clause='WHERE clause')})"


def refuse_double_matches(session: Session, joined: str, alias: str) -> None:
    """Refuse a join in which a row of the target meets two rows of the source.

    Raises:
        ApiError: There is such a row.
    """
    with session.cursor() as cursor:
        double = cursor.execute(
            f"SELECT 1 FROM {joined} GROUP BY {alias}.rowid HAVING count(*) > 1 LIMIT 1"  # noqa: S608
        ).fetchone()
    if double:
        raise ApiError(
            "invalidQuery",
            "UPDATE/MERGE must match at most one source row for each target row",
        )


def done(session: Session, table: Table, statement: str, *, kind: str, dry: bool) -> Outcome:
    """Run a statement wholly or not at all, and tell what it has changed.

    Raises:
        ApiError: It fails; nothing has changed then.
    """
    affected = 0
    if not dry:
        with session.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                row = cursor.execute(statement).fetchone()
                affected = int(row[0]) if row else 0
                if table.partitioning is not None:
                    check_changed(table, table.partitioning.counts(cursor, table.rows_in))
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
        session.catalog.put_table(table)
    names = {"INSERT": "insertedRowCount", "UPDATE": "updatedRowCount", "DELETE": "deletedRowCount"}
    dml = {names[kind]: affected} if kind in names else {}
    return Outcome(
        type=kind,
        affected=affected,
        dml=dml,
        tables=tuple(dict.fromkeys([*(one.ref for one in session.read), table.ref])),
        bytes=session.bytes_read(),
        target=table.ref,
    )


def target_of(session: Session, named: exp.Table) -> Table:
    """The table that a statement changes.

    Raises:
        ApiError: It is not there, or is a view.
    """
    table = session.table(name_parts(named))
    refuse_changes(table)
    return table


def columns_of(table: Table, names: Sequence[str] | None) -> list[Field]:
    """The columns that a statement names, or all of them.

    Raises:
        ApiError: One is not there.
    """
    if names is None:
        return list(table.fields)
    known = {field.name.lower(): field for field in table.fields}
    for name in names:
        if name.lower() not in known:
            raise ApiError("invalidQuery", f"Column {name} is not present in table {table.ref}")
    return [known[name.lower()] for name in names]


def column_of(table: Table, node: exp.Expr) -> Field:
    """The column that an assignment is about.

    Raises:
        ApiError: It is not there.
    """
    if not isinstance(node, exp.Column):
        raise UnsupportedError("assignment to a field of a STRUCT")
    return columns_of(table, [node.name])[0]


def expression_sql(session: Session, node: exp.Expr, scope: Scope) -> str:
    """A scalar expression as DuckDB's SQL."""
    if isinstance(node, exp.Column) and node.name.upper() == "DEFAULT" and not node.table:
        raise UnsupportedError("DEFAULT as a value")
    value = session.translator().expressions.value(session.bound(node), scope)
    return "CAST(NULL AS BIGINT)" if value.kind.name == "NULL" else f"({value.sql})"


def plain_fields(session: Session, sql: str) -> tuple[Field, ...]:
    """The columns that a query would answer, whatever they are called."""
    with session.cursor() as cursor:
        kinds = cursor.sql(sql).types
    columns = ", ".join(f"c{number}" for number in range(len(kinds)))
    return result_fields(session, f"SELECT * FROM ({sql}) AS q({columns})")  # noqa: S608
