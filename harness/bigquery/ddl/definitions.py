"""CREATE, DROP, ALTER and TRUNCATE: which statement does what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.ddl.alter import alter_table
from harness.bigquery.ddl.functions import create_function, drop_function
from harness.bigquery.ddl.schemas import alter_schema, create_schema, drop_schema
from harness.bigquery.ddl.tables import create_table
from harness.bigquery.ddl.views import create_view
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.places import at
from harness.bigquery.sql.translate import name_parts
from harness.bigquery.statements.queries import select
from harness.bigquery.statements.statement import Outcome, Session
from harness.bigquery.table_kinds import check_kind, refuse_changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.entries import TableRef


def run(session: Session, *, dry: bool = False) -> Outcome:
    """Do a DDL statement.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    tree = session.tree
    if dry:
        return _planned(session, tree)
    if tree.meta.get("external"):
        from harness.bigquery.ddl.external import run as run_external  # noqa: PLC0415

        return run_external(session, tree)
    with session.catalog.lock:
        if isinstance(tree, exp.Create):
            return _create(session, tree)
        if isinstance(tree, exp.Drop):
            return _drop(session, tree)
        if isinstance(tree, exp.Alter):
            alter = alter_schema if tree.args["kind"] == "SCHEMA" else alter_table
            return alter(session, tree)
        if isinstance(tree, exp.TruncateTable):
            return _truncate(session, tree)
    raise UnsupportedError(f"statement {tree.key.upper()}")


def _planned(session: Session, tree: exp.Expr) -> Outcome:
    """What a dry run tells: of a table that is made by a query, what the query reads and gives."""
    kind = _statement_type(tree)
    if kind == "CREATE_TABLE_AS_SELECT":
        return replace(select(session, tree.expression, dry=True), type=kind)
    return Outcome(type=kind)


def _statement_type(tree: exp.Expr) -> str:
    if isinstance(tree, exp.TruncateTable):
        return "TRUNCATE_TABLE"
    kind = str(tree.args.get("kind") or "").replace(" ", "_")
    if isinstance(tree, exp.Create) and kind == "TABLE" and tree.expression is not None:
        return "CREATE_TABLE_AS_SELECT"
    return f"{tree.key.upper()}_{kind}"


def _create(session: Session, tree: exp.Create) -> Outcome:
    properties = tree.args.get("properties")
    for kind in (exp.ExternalProperty, exp.InheritsProperty):
        if properties is not None and properties.find(kind):
            word = kind.__name__.removesuffix("Property").upper()
            raise UnsupportedError(f"CREATE {word} {tree.kind}{at(tree)}")
    creates: dict[str, Callable[[Session, exp.Create], Outcome]] = {
        "FUNCTION": create_function,
        "SCHEMA": create_schema,
        "TABLE": create_table,
        "VIEW": create_view,
    }
    if tree.kind not in creates:
        raise UnsupportedError(f"CREATE {tree.kind}{at(tree)}")
    return creates[tree.kind](session, tree)


def _drop(session: Session, tree: exp.Drop) -> Outcome:
    kind = str(tree.args.get("kind"))
    if kind == "SCHEMA":
        return drop_schema(session, tree)
    if kind == "FUNCTION" or tree.meta.get("table_function"):
        return drop_function(session, tree)
    if kind not in ("TABLE", "VIEW"):
        raise UnsupportedError(f"DROP {kind}{at(tree)}")
    if tree.meta.get("snapshot"):
        kind = "SNAPSHOT"
    elif tree.args.get("materialized"):
        kind = "MATERIALIZED_VIEW"
    done = f"DROP_{'SNAPSHOT_TABLE' if kind == 'SNAPSHOT' else kind}"
    target: TableRef | None = None
    try:
        parts = name_parts((tree.args.get("tables") or [tree.this])[0])
        target = session.ref(parts)
        table = session.table(parts)
        check_kind(table, kind)
        session.catalog.remove_table(target)
    except ApiError as error:
        if error.reason == "notFound" and tree.args.get("exists"):
            return Outcome(type=done, target=target, ddl="SKIP")
        raise
    if session.script is not None:
        session.script.forget(target)
    return Outcome(type=done, target=target, ddl="DROP")


def _truncate(session: Session, tree: exp.TruncateTable) -> Outcome:
    parts = name_parts(tree.expressions[0])
    table = session.table(parts)
    refuse_changes(table)
    emptied = session.catalog.database.create(table.fields, pseudo=table.pseudo)
    session.catalog.put_table(replace(table, rows_in=emptied))
    return Outcome(type="TRUNCATE_TABLE", target=table.ref, affected=table.rows)
