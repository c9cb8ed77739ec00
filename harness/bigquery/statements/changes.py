"""What INSERT, UPDATE, DELETE and MERGE have in common: their target, its columns, the change."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from harness.bigquery.changing import changeable
from harness.bigquery.errors import ApiError
from harness.bigquery.partitions.partition_limits import check_changed
from harness.bigquery.sql.scope import Scope
from harness.bigquery.sql.sources import name_parts, source_of
from harness.bigquery.statements.statement import Outcome, Session
from harness.bigquery.table_kinds import refuse_changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    from sqlglot import exp

    from harness.bigquery.entries import Table
    from harness.bigquery.types import Field

# The parts of DmlStats in REST.
_STATISTICS = {
    "INSERT": "insertedRowCount",
    "UPDATE": "updatedRowCount",
    "DELETE": "deletedRowCount",
}


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
    counts: dict[str, int] = {}
    # Rows that are removed were read before.
    size = session.bytes_read(table)
    if not dry:
        with session.cursor() as cursor, ExitStack() as changing:
            cursor.execute("BEGIN")
            try:
                counts = _counts(cursor, statement, kind)
                if table.partitioning is not None:
                    check_changed(table, table.partitioning.counts(cursor, table.rows_in))
                # Nobody sees the new rows under the old entry.
                changing.enter_context(session.catalog.lock)
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            session.catalog.put_table(table)
    return Outcome(
        type=kind,
        affected=sum(counts.values()),
        dml={_STATISTICS[name]: rows for name, rows in counts.items()},
        tables=tuple(dict.fromkeys([*session.tables_read(), table.ref])),
        bytes=size,
        target=table.ref,
    )


def _counts(cursor: duckdb.DuckDBPyConnection, statement: str, kind: str) -> dict[str, int]:
    """Run a statement; how many rows it has changed, by what it did with them."""
    if kind != "MERGE":
        row = cursor.execute(statement).fetchone()
        return {kind: int(row[0]) if row else 0}
    told: Any = cursor.sql(f"{statement} RETURNING merge_action")
    counted = told.to_arrow_table().column(0).value_counts().to_pylist()
    return {
        name: sum(int(one["counts"]) for one in counted if one["values"] == name)
        for name in _STATISTICS
    }


def target_of(session: Session, named: exp.Table, *, dry: bool) -> Table:
    """The table that a statement changes; the catalog's lock is held.

    Raises:
        ApiError: It is not there, or is a view.
    """
    table = session.table(name_parts(named))
    refuse_changes(table)
    return table if dry else changeable(session.catalog, table)


def columns_of(table: Table, names: Sequence[str] | None) -> list[Field]:
    """The columns that a statement names, or all of them.

    Raises:
        ApiError: One is not there.
    """
    if names is None:
        return list(table.fields)
    known = {field.name.lower(): field for field in table.fields}
    if len({name.lower() for name in names}) != len(names):
        double = next(
            one for one in names if [one.lower() == two.lower() for two in names].count(True) > 1
        )
        raise ApiError("invalidQuery", f"INSERT has columns with duplicate name: {double}")
    for name in names:
        if name.lower() not in known:
            raise ApiError("invalidQuery", f"Column {name} is not present in table {table.ref}")
    return [known[name.lower()] for name in names]
