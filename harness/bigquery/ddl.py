"""CREATE, DROP, ALTER and TRUNCATE."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.entries import Dataset, Table, TableRef, now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.layout import Layout, declared_fields, field_of, layout_of
from harness.bigquery.partition_limits import check_staged
from harness.bigquery.partition_spec import with_field
from harness.bigquery.queries import result_fields, stage
from harness.bigquery.schemas import change_schema
from harness.bigquery.sql.translate import anonymous_columns, name_parts
from harness.bigquery.statement import Outcome, Session
from harness.bigquery.types import checked
from harness.bigquery.views import refuse_view
from harness.bigquery.writing import add_arrival

if TYPE_CHECKING:
    from harness.bigquery.types import Field


def run(session: Session, *, dry: bool = False) -> Outcome:
    """Do a DDL statement.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does.
    """
    tree = session.tree
    if dry:
        return Outcome(type=tree.key.upper())
    with session.catalog.lock:
        if isinstance(tree, exp.Create):
            return _create(session, tree)
        if isinstance(tree, exp.Drop):
            return _drop(session, tree)
        if isinstance(tree, exp.Alter):
            return _alter(session, tree)
        if isinstance(tree, exp.TruncateTable):
            return _truncate(session, tree)
    raise UnsupportedError(f"statement {tree.key.upper()}")


def _create(session: Session, tree: exp.Create) -> Outcome:
    if tree.kind == "SCHEMA":
        return _create_schema(session, tree)
    if tree.kind != "TABLE" or tree.args.get("clone"):
        raise UnsupportedError(f"CREATE {tree.kind}")
    named = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    ref = session.ref(name_parts(named))
    session.catalog.dataset(ref.project, ref.dataset, location=session.location)
    query = tree.expression
    kind = "CREATE_TABLE_AS_SELECT" if query is not None else "CREATE_TABLE"
    old = session.catalog.find_table(ref)
    if old is not None and tree.args.get("exists"):
        return Outcome(type=kind, target=ref, ddl="SKIP")
    if old is not None and not tree.args.get("replace"):
        raise ApiError("duplicate", f"Already Exists: Table {ref}")
    layout = layout_of(tree)
    declared = declared_fields(tree.this) if isinstance(tree.this, exp.Schema) else ()
    with session.catalog.reading():
        if query is None:
            fields, rows_in = declared, ""
        else:
            fields, rows_in = _selected(session, query, declared)
    try:
        _check_layout(session, _entry(ref, layout, fields), rows_in)
    except ApiError:
        session.catalog.database.drop(rows_in or "rows.none")
        raise
    table = replace(_entry(ref, layout, fields), rows_in=rows_in)
    if not rows_in:
        table = replace(table, rows_in=session.catalog.database.create(fields, pseudo=table.pseudo))
    else:
        add_arrival(session.catalog, table)
    session.catalog.put_table(table)
    return Outcome(
        type=kind,
        tables=tuple(dict.fromkeys(one.ref for one in session.read)),
        bytes=session.bytes_read(),
        target=ref,
        ddl="REPLACE" if old is not None else "CREATE",
    )


def _check_layout(session: Session, table: Table, rows_in: str) -> None:
    if table.partitioning is not None:
        with_field(table.partitioning, fields=table.fields)
        if rows_in:
            check_staged(session.catalog.database, table, rows_in, known=())


def _entry(ref: TableRef, layout: Layout, fields: tuple[Field, ...]) -> Table:
    return Table(
        ref=ref,
        fields=fields,
        rows_in="",
        partitioning=layout.partitioning,
        clustering=layout.clustering,
        require_filter=layout.require_filter,
        kept=layout.kept,
        created=now_ms(),
        modified=now_ms(),
    )


def _selected(
    session: Session, query: exp.Expr, declared: tuple[Field, ...]
) -> tuple[tuple[Field, ...], str]:
    nameless = anonymous_columns(query)
    if nameless and not declared:
        raise ApiError(
            "invalidQuery",
            f"CREATE TABLE columns must be named, but column {nameless[0]} has no name",
        )
    sql = session.sql(query)
    fields = checked(result_fields(session, sql))
    if declared:
        if [one.sql_type for one in fields] != [one.sql_type for one in declared]:
            raise UnsupportedError("CREATE TABLE (columns) AS with other types than the query's")
        if any(one.mode == "REQUIRED" for one in declared):
            raise UnsupportedError("NOT NULL in CREATE TABLE ... AS")
        fields = declared
    return fields, stage(session, sql, fields)


def _create_schema(session: Session, tree: exp.Create) -> Outcome:
    project, name = _schema_name(session, tree.this)
    layout = layout_of(tree)
    try:
        session.catalog.add_dataset(
            Dataset(
                project=project,
                name=name,
                location=layout.location or session.statement.location or session.catalog.location,
                kept=layout.kept,
                created=now_ms(),
                modified=now_ms(),
            )
        )
    except ApiError as error:
        if error.reason == "duplicate" and tree.args.get("exists"):
            return Outcome(type="CREATE_SCHEMA", ddl="SKIP")
        raise
    return Outcome(type="CREATE_SCHEMA", ddl="CREATE")


def _schema_name(session: Session, node: exp.Table) -> tuple[str, str]:
    parts = [one for one in name_parts(node) if one]
    return (parts[-2] if len(parts) > 1 else session.statement.project), parts[-1]


def _drop(session: Session, tree: exp.Drop) -> Outcome:
    named = (tree.args.get("tables") or [tree.this])[0]
    kind = tree.args.get("kind")
    target: TableRef | None = None
    try:
        if kind == "SCHEMA":
            project, name = _schema_name(session, named)
            with_tables = bool(tree.args.get("cascade"))
            session.catalog.remove_dataset(project, name, with_tables=with_tables)
        elif kind == "TABLE":
            target = session.ref(name_parts(named))
            refuse_view(session.catalog.table(target, location=session.location))
            session.catalog.remove_table(target)
        else:
            raise UnsupportedError(f"DROP {kind}")
    except ApiError as error:
        if error.reason == "notFound" and tree.args.get("exists"):
            return Outcome(type=f"DROP_{kind}", target=target, ddl="SKIP")
        raise
    return Outcome(type=f"DROP_{kind}", target=target, ddl="DROP")


def _alter(session: Session, tree: exp.Alter) -> Outcome:
    ref = session.ref(name_parts(tree.this))
    table = session.catalog.table(ref, location=session.location)
    refuse_view(table)
    fields = list(table.fields)
    for action in tree.args["actions"]:
        if not isinstance(action, exp.ColumnDef):
            raise UnsupportedError(f"ALTER TABLE with {type(action).__name__}")
        field = field_of(action)
        if any(one.name.lower() == field.name.lower() for one in fields):
            if action.args.get("exists"):
                continue
            raise ApiError("invalidQuery", f"Column already exists: {field.name}")
        if field.mode == "REQUIRED":
            raise ApiError("invalidQuery", f"Cannot add a REQUIRED column: {field.name}")
        fields.append(field)
    new = checked(tuple(fields))
    with session.cursor() as cursor:
        cursor.execute("BEGIN")
        change_schema(cursor, table, new)
        cursor.execute("COMMIT")
    session.catalog.put_table(replace(table, fields=new), counted=False)
    return Outcome(type="ALTER_TABLE", target=ref, ddl="ALTER")


def _truncate(session: Session, tree: exp.TruncateTable) -> Outcome:
    ref = session.ref(name_parts(tree.expressions[0]))
    table = session.catalog.table(ref, location=session.location)
    refuse_view(table)
    with session.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table.rows_in}")  # noqa: S608
    session.catalog.put_table(table)
    return Outcome(type="TRUNCATE_TABLE", target=ref, affected=table.rows)
