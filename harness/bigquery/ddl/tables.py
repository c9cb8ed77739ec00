"""CREATE TABLE, in all its forms. Source: "CREATE TABLE statement" and its kin of the reference."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from harness.bigquery.clustering import clustering_of
from harness.bigquery.ddl.keys import keys_of_schema
from harness.bigquery.ddl.options import options_of, with_table_options
from harness.bigquery.entries import Table, TableRef, now_ms
from harness.bigquery.errors import ApiError
from harness.bigquery.loads.writing import add_arrival
from harness.bigquery.partitions.layout import Layout, declared_fields, layout_of
from harness.bigquery.partitions.partition_limits import check_staged
from harness.bigquery.partitions.partition_spec import with_field
from harness.bigquery.sql.assignment import assigned, columns_as_values
from harness.bigquery.sql.places import at
from harness.bigquery.sql.translate import anonymous_columns, name_parts
from harness.bigquery.statements.anonymous import anonymous_ref
from harness.bigquery.statements.queries import doubled_names, result_fields, stage
from harness.bigquery.statements.statement import Outcome
from harness.bigquery.table_kinds import refuse_changes, refuse_view
from harness.bigquery.types import checked, quoted

if TYPE_CHECKING:
    from harness.bigquery.statements.statement import Session
    from harness.bigquery.types import Field


_ID = re.compile(r"[\w \-]{1,1024}")


def create_table(session: Session, tree: exp.Create) -> Outcome:
    """Do CREATE TABLE; the catalog's lock is held.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does; nothing has changed then.
    """
    schema = tree.this if isinstance(tree.this, exp.Schema) else None
    ref = _new_ref(session, tree, name_parts(schema.this if schema else tree.this))
    query = tree.expression
    kind = "CREATE_TABLE_AS_SELECT" if query is not None else "CREATE_TABLE"
    if tree.meta.get("snapshot"):
        kind = "CREATE_SNAPSHOT_TABLE"
    old = session.catalog.find_table(ref)
    if old is not None and tree.args.get("exists"):
        return Outcome(type=kind, target=ref, ddl="SKIP")
    if old is not None and not tree.args.get("replace"):
        raise ApiError("duplicate", f"Already Exists: Table {ref}")
    if old is not None:
        refuse_changes(old)
    with session.catalog.reading():
        table = _made(session, tree, schema, ref)
        # A table may be read by the query that replaces it.
        size = session.bytes_read()
    session.catalog.put_table(table)
    return Outcome(
        type=kind,
        tables=session.tables_read(),
        bytes=size,
        target=ref,
        ddl="REPLACE" if old is not None else "CREATE",
    )


def _new_ref(session: Session, tree: exp.Create, parts: tuple[str, ...]) -> TableRef:
    properties = tree.args.get("properties")
    if properties is None or not properties.find(exp.TemporaryProperty):
        ref = session.ref(parts)
        if not _ID.fullmatch(ref.table):
            raise ApiError(
                "invalid",
                f'Invalid table ID "{ref.table}". Table IDs must be alphanumeric (plus '
                "underscores, dashes and spaces) and must be at most 1024 characters long.",
            )
        session.catalog.dataset(ref.project, ref.dataset, location=session.location)
        return ref
    if session.script is None:
        raise ApiError("invalidQuery", "Use of CREATE TEMPORARY TABLE requires a script or session")
    name = parts[-1]
    if len(parts) > 1 and (len(parts) != 2 or parts[0].upper() != "_SESSION"):  # noqa: PLR2004
        raise ApiError(
            "invalidQuery",
            f"Temporary table {'.'.join(parts)} must not be qualified with a dataset{at(tree)}",
        )
    known = session.script.temporary
    if name.lower() not in known:
        hidden = anonymous_ref(
            session.catalog, session.statement.project, f"{session.script.job_id}_{name}"
        )
        known[name.lower()] = hidden
    return known[name.lower()]


def _made(session: Session, tree: exp.Create, schema: exp.Schema | None, ref: TableRef) -> Table:
    """The new table with its rows, which is not in the catalog yet."""
    properties, query = tree.args.get("properties"), tree.expression
    options = options_of(session, properties)
    like = properties.find(exp.LikeProperty) if properties else None
    if tree.args.get("clone") is not None:
        return _copied(session, tree, ref, options)
    if like is not None:
        source = session.table(name_parts(like.this))
        refuse_view(source)
        table = replace(_fresh(source, ref), rows_in="")
    else:
        columns = exp.Schema(
            expressions=[one for one in schema.expressions if isinstance(one, exp.ColumnDef)]
        ) if schema else None  # fmt: skip
        fields = declared_fields(columns) if columns else ()
        layout = layout_of(tree)
        table = _entry(ref, layout, fields)
        if schema:
            keys = keys_of_schema(session, schema, str(ref), fields)
            table = replace(table, kept=keys)
    table = with_table_options(table, options)
    if query is None:
        _check_layout(session, table, "", tree)
        rows_in = session.catalog.database.create(table.fields, pseudo=table.pseudo)
        return replace(table, rows_in=rows_in)
    fields, rows_in = _selected(session, query, table.fields)
    table = replace(table, fields=fields, rows_in=rows_in)
    try:
        _check_layout(session, table, rows_in, tree)
        add_arrival(session.catalog, table)
    except ApiError:
        session.catalog.database.drop(rows_in)
        raise
    return table


def _entry(ref: TableRef, layout: Layout, fields: tuple[Field, ...]) -> Table:
    moment = now_ms()
    return Table(
        ref=ref,
        fields=fields,
        rows_in="",
        partitioning=layout.partitioning,
        clustering=layout.clustering,
        created=moment,
        modified=moment,
    )


def _fresh(source: Table, ref: TableRef) -> Table:
    """A table with the facts of another one, which is new."""
    moment = now_ms()
    left = ("expirationTime", "snapshotDefinition", "cloneDefinition")
    kept = {name: value for name, value in source.kept.items() if name not in left}
    return replace(
        source, ref=ref, kept=kept, created=moment, modified=moment, version=1, partitions=()
    )


def _copied(session: Session, tree: exp.Create, ref: TableRef, options: dict[str, Any]) -> Table:
    """CREATE TABLE ... COPY or CLONE, and CREATE SNAPSHOT TABLE."""
    clone = tree.args["clone"]
    source = session.table(name_parts(clone.this))
    refuse_view(source)
    table = _fresh(source, ref)
    base = {"baseTableReference": source.ref.rest()}
    moment = _rfc3339(table.created)
    if tree.meta.get("snapshot"):
        told = {"snapshotDefinition": {**base, "snapshotTime": moment}}
        table = replace(table, kept={**table.kept, **told})
    elif not clone.args.get("copy"):
        table = replace(
            table, kept={**table.kept, "cloneDefinition": {**base, "cloneTime": moment}}
        )
    table = with_table_options(table, options)
    rows_in = session.catalog.database.create(table.fields, pseudo=table.pseudo)
    with session.cursor() as cursor:
        cursor.execute(f"INSERT INTO {rows_in} BY NAME SELECT * FROM {source.rows_in}")  # noqa: S608
    return replace(table, rows_in=rows_in)


def _rfc3339(moment: int) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415

    return datetime.fromtimestamp(moment / 1000, UTC).isoformat().replace("+00:00", "Z")


def _check_layout(session: Session, table: Table, rows_in: str, tree: exp.Create) -> None:
    clustering_of({"clustering": {"fields": table.clustering}}, table.fields)
    if table.partitioning is None:
        if table.require_filter:
            raise ApiError(
                "invalid",
                "require_partition_filter can only be specified on a partitioned table",
            )
        return
    with_field(table.partitioning, fields=table.fields)
    given = tree.find(exp.PartitionedByProperty)
    named = given.this if given is not None else None
    if isinstance(named, exp.Column | exp.Identifier) and table.partitioning.field is not None:
        kind = next(one.type for one in table.fields if one.name.lower() == named.name.lower())
        if kind != "DATE":
            raise ApiError(
                "invalidQuery",
                "PARTITION BY expression must be DATE(<timestamp_column>), "
                "DATE(<datetime_column>), DATETIME_TRUNC(<datetime_column>, "
                "DAY/HOUR/MONTH/YEAR), a DATE column, TIMESTAMP_TRUNC(<timestamp_column>, "
                "DAY/HOUR/MONTH/YEAR), DATE_TRUNC(<date_column>, MONTH/YEAR), or "
                "RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(<int64_value>, <int64_value>[, "
                "<int64_value>]))",
            )
    if rows_in:
        check_staged(session.catalog.database, table, rows_in, known=())


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
    if not declared:
        fields = result_fields(session, sql)
        if doubled := doubled_names(fields):
            raise ApiError(
                "invalidQuery",
                f"CREATE TABLE has columns with duplicate name {doubled[0]}",
                location="query",
            )
        fields = checked(fields)
        return fields, stage(session, sql, fields)
    sql, columns = session.translated(query)
    if len(columns) != len(declared):
        raise ApiError(
            "invalidQuery",
            f"The number of columns in the column definition list does not match the number of "
            f"columns produced by the query: {len(declared)} vs {len(columns)}",
        )
    names = ", ".join(f"c{number}" for number in range(len(columns)))
    values = columns_as_values(query, [kind for _, kind in columns])
    cells = ", ".join(
        assigned(value, field, what=f"Query column {number}", verb="inserted into")
        for number, (value, field) in enumerate(zip(values, declared, strict=True), start=1)
    )
    rows_in = session.catalog.database.create(declared)
    try:
        with session.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {rows_in} ({', '.join(quoted(one.name) for one in declared)}) "  # noqa: S608
                f"SELECT {cells} FROM ({sql}) AS q({names})"
            )
    except BaseException:
        session.catalog.database.drop(rows_in)
        raise
    return declared, rows_in
