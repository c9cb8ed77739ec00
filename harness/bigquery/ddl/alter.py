"""ALTER TABLE and ALTER VIEW. Source: their sections of the reference's page on DDL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.changing import changeable
from harness.bigquery.ddl import columns as ddl_columns
from harness.bigquery.ddl.keys import with_key, without_key
from harness.bigquery.ddl.options import options_of, with_table_options
from harness.bigquery.entries import HIDDEN
from harness.bigquery.errors import ApiError
from harness.bigquery.sql.places import at
from harness.bigquery.sql.translate import name_parts
from harness.bigquery.statements.statement import Outcome
from harness.bigquery.table_kinds import check_kind, table_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from harness.bigquery.entries import Table
    from harness.bigquery.statements.statement import Session

    Change = Callable[[Session, duckdb.DuckDBPyConnection, Table, exp.Expr], Table]


def alter_table(session: Session, tree: exp.Alter) -> Outcome:
    """Do ALTER TABLE, ALTER VIEW or ALTER MATERIALIZED VIEW; the catalog's lock is held.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does; nothing has changed then.
    """
    kind = str(tree.args["kind"]).replace(" ", "_")
    ref = session.ref(name_parts(tree.this))
    try:
        table = session.table(name_parts(tree.this))
    except ApiError as error:
        if error.reason == "notFound" and tree.args.get("exists"):
            return Outcome(type=f"ALTER_{kind}", target=ref, ddl="SKIP")
        raise
    if kind != "TABLE" or table_kind(table) != "EXTERNAL":
        check_kind(table, kind)
    if kind != "TABLE":
        _check_actions(tree)
    if any(isinstance(action, _OF_ROWS) for action in tree.args["actions"]):
        table = changeable(session.catalog, table)
    new = table
    with session.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            for action in tree.args["actions"]:
                new = _CHANGES[type(action)](session, cursor, new, action)
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
    if new.ref != table.ref:
        session.catalog.rename_table(table.ref, new.ref)
    session.catalog.put_table(new, counted=False)
    return Outcome(type=f"ALTER_{kind}", target=ref, ddl="ALTER")


def _check_actions(tree: exp.Alter) -> None:
    for action in tree.args["actions"]:
        if not isinstance(action, exp.AlterSet):
            raise ApiError(
                "invalidQuery", f"ALTER {tree.args['kind']} supports SET OPTIONS only{at(action)}"
            )


def _set_options(
    session: Session, _: duckdb.DuckDBPyConnection, table: Table, action: exp.Expr
) -> Table:
    return with_table_options(table, options_of(session, action.expressions[0]))


def _rename(
    session: Session, _: duckdb.DuckDBPyConnection, table: Table, action: exp.Expr
) -> Table:
    parts = name_parts(action.this)
    if table.ref.dataset == HIDDEN:
        raise ApiError("invalidQuery", f"A temporary table cannot be renamed{at(action)}")
    if len(parts) > 1:
        raise ApiError("invalidQuery", f"RENAME TO takes a name without a dataset{at(action.this)}")
    ref = replace(table.ref, table=parts[0])
    if session.catalog.find_table(ref) is not None:
        raise ApiError("duplicate", f"Already Exists: Table {ref}")
    return replace(table, ref=ref)


def _add_constraint(
    session: Session, _: duckdb.DuckDBPyConnection, table: Table, action: exp.Expr
) -> Table:
    kept = dict(table.kept)
    for one in action.expressions:
        kept = with_key(session, kept, one, table=str(table.ref), fields=table.fields)
    return replace(table, kept=kept)


def _drop(_: Session, cursor: duckdb.DuckDBPyConnection, table: Table, action: exp.Expr) -> Table:
    if isinstance(action, exp.Drop) and action.args["kind"] != "COLUMN":
        return replace(table, kept=without_key(table, action))
    return ddl_columns.drop(cursor, table, action)


_OF_ROWS = (exp.AlterColumn, exp.ColumnDef, exp.Drop, exp.RenameColumn)
_CHANGES: dict[type[exp.Expr], Change] = {
    exp.AddConstraint: _add_constraint,
    exp.AlterColumn: ddl_columns.alter,
    exp.AlterRename: _rename,
    exp.AlterSet: _set_options,
    exp.ColumnDef: ddl_columns.add,
    exp.Drop: _drop,
    exp.RenameColumn: ddl_columns.rename,
}
