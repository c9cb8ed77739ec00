"""CREATE, DROP, ALTER and TRUNCATE."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from harness.bigquery.catalog import Dataset, Table, TableRef, now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.partitions import Partitioning, with_field
from harness.bigquery.queries import Outcome, Session, result_fields, stage
from harness.bigquery.sql.translate import anonymous_columns, name_parts
from harness.bigquery.types import Field, checked, type_name
from harness.bigquery.writing import change_schema

_TEXT_OPTIONS = {"description": "description", "friendly_name": "friendlyName"}
_TRUNCATIONS = (exp.DateTrunc, exp.DatetimeTrunc, exp.TimestampTrunc)
_INGESTION = ("_PARTITIONTIME", "_PARTITIONDATE")


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """What stands after the columns of CREATE TABLE."""

    partitioning: Partitioning | None = None
    clustering: tuple[str, ...] = ()
    require_filter: bool = False
    kept: dict[str, Any]
    location: str = ""


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
        return _truncate(session, tree)


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
    layout = _layout(tree)
    declared = _declared(tree.this) if isinstance(tree.this, exp.Schema) else ()
    with session.catalog.reading():
        if query is None:
            fields, rows_in = declared, ""
        else:
            fields, rows_in = _selected(session, query, declared)
    try:
        if layout.partitioning is not None:
            with_field(layout.partitioning, fields=fields)
    except ApiError:
        session.catalog.database.drop(rows_in or "rows.none")
        raise
    table = Table(
        ref=ref,
        fields=fields,
        rows_in=rows_in,
        partitioning=layout.partitioning,
        clustering=layout.clustering,
        require_filter=layout.require_filter,
        kept=layout.kept,
        created=now_ms(),
        modified=now_ms(),
    )
    if not rows_in:
        table = replace(table, rows_in=session.catalog.database.create(fields, pseudo=table.pseudo))
    elif table.pseudo:
        raise UnsupportedError("CREATE TABLE AS with partitions by ingestion time")
    session.catalog.put_table(table)
    return Outcome(
        type=kind,
        tables=tuple(dict.fromkeys(one.ref for one in session.read)),
        bytes=session.bytes_read(),
        target=ref,
        ddl="REPLACE" if old is not None else "CREATE",
    )


def _selected(
    session: Session, query: exp.Expression, declared: tuple[Field, ...]
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


def _declared(schema: exp.Schema) -> tuple[Field, ...]:
    fields = []
    for column in schema.expressions:
        if not isinstance(column, exp.ColumnDef):
            raise UnsupportedError(f"{type(column).__name__} in CREATE TABLE")
        fields.append(field_of(column))
    return checked(tuple(fields))


def field_of(column: exp.ColumnDef) -> Field:
    """The field that a column's definition tells.

    Raises:
        ApiError: Its type or a constraint is not one of the stub's.
    """
    field = _field(column.name, column.args["kind"])
    for constraint in column.args.get("constraints") or ():
        kind = constraint.args.get("kind")
        if isinstance(kind, exp.NotNullColumnConstraint):
            field = replace(field, mode="REQUIRED")
        elif isinstance(kind, exp.Properties):
            options = _options(kind)
            if set(options) - {"description"}:
                raise UnsupportedError(f"column options {', '.join(sorted(options))}")
            field = replace(field, description=options.get("description"))
        else:
            raise UnsupportedError(f"{constraint.sql('bigquery')} of column {column.name}")
    return field


def _field(name: str, kind: exp.DataType) -> Field:
    if kind.this == exp.DType.ARRAY:
        element = _field(name, kind.expressions[0])
        if element.repeated:
            raise ApiError("invalidQuery", "Arrays of arrays are not supported")
        return replace(element, mode="REPEATED")
    if kind.this == exp.DType.STRUCT:
        inner = tuple(_field(one.name, one.args["kind"]) for one in kind.expressions)
        return Field(name=name, type="STRUCT", fields=checked(inner))
    if kind.expressions:
        raise UnsupportedError(f"type {kind.sql('bigquery')}")
    return Field(name=name, type=type_name(kind.sql("bigquery")))


def _layout(tree: exp.Create) -> _Layout:
    properties = tree.args.get("properties")
    partitioning, clustering, location = None, (), ""
    for one in properties.expressions if properties else ():
        if isinstance(one, exp.PartitionedByProperty):
            partitioning = _partitioning(one.this)
        elif isinstance(one, exp.ClusterProperty):
            clustering = tuple(column.name for column in one.expressions)
        elif isinstance(one, exp.LocationProperty):
            location = one.this.name
        elif type(one) is not exp.Property:
            raise UnsupportedError(type(one).__name__.removesuffix("Property").upper())
    options = _options(properties) if properties else {}
    kept = {_TEXT_OPTIONS[name]: options.pop(name) for name in _TEXT_OPTIONS if name in options}
    if "labels" in options:
        kept["labels"] = options.pop("labels")
    require = bool(options.pop("require_partition_filter", False))
    days = options.pop("partition_expiration_days", None)
    if days is not None and partitioning is not None:
        expiration = str(int(float(days) * 86_400_000))
        partitioning = replace(partitioning, expiration=expiration)
    if options:
        raise UnsupportedError(f"options {', '.join(sorted(options))}")
    return _Layout(
        partitioning=partitioning,
        clustering=clustering,
        require_filter=require,
        kept=kept,
        location=location,
    )


def _options(properties: exp.Properties) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for one in properties.expressions:
        if type(one) is not exp.Property:
            continue
        value = one.args["value"]
        if isinstance(value, exp.Array):
            options[one.name] = {
                pair.expressions[0].name: pair.expressions[1].name for pair in value.expressions
            }
        elif isinstance(value, exp.Boolean):
            options[one.name] = bool(value.this)
        elif isinstance(value, exp.Null):
            options[one.name] = None
        else:
            options[one.name] = value.name
    return options


def _partitioning(node: exp.Expression) -> Partitioning:
    if isinstance(node, exp.Identifier | exp.Column):
        name = node.name
        field = None if name.upper() in _INGESTION else name
        return Partitioning(type="DAY", field=field)
    if isinstance(node, exp.Date | exp.TsOrDsToDate):
        name = node.this.name
        return Partitioning(type="DAY", field=None if name.upper() in _INGESTION else name)
    if isinstance(node, _TRUNCATIONS):
        name = node.this.name
        field = None if name.upper() in _INGESTION else name
        return Partitioning(type=node.args["unit"].name.upper(), field=field)
    raise UnsupportedError(f"PARTITION BY {node.sql('bigquery')}")


def _create_schema(session: Session, tree: exp.Create) -> Outcome:
    project, name = _schema_name(session, tree.this)
    layout = _layout(tree)
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
            session.catalog.table(target, location=session.location)
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
    with session.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table.rows_in}")  # noqa: S608
    session.catalog.put_table(table)
    return Outcome(type="TRUNCATE_TABLE", target=ref, affected=table.rows)
