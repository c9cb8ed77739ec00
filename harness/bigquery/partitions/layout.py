"""What CREATE TABLE says of a table beside its rows: columns, partitions, clusters, options."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.partitions.partitions import Partitioning
from harness.bigquery.sql.arguments import constant_int
from harness.bigquery.sql.kinds import kind_of_type
from harness.bigquery.sql.parameterised import parameters_of_type
from harness.bigquery.types import Field, checked

# What is read elsewhere.
_NOT_LAYOUT = (exp.LikeProperty, exp.MaterializedProperty, exp.TemporaryProperty)
_TRUNCATIONS = (exp.DateTrunc, exp.DatetimeTrunc, exp.TimestampTrunc)
_INGESTION = ("_PARTITIONTIME", "_PARTITIONDATE")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How CREATE TABLE lays the rows out."""

    partitioning: Partitioning | None = None
    clustering: tuple[str, ...] = ()


def declared_fields(schema: exp.Schema) -> tuple[Field, ...]:
    """The columns that a statement declares.

    Raises:
        ApiError: A type or a constraint is not one of the stub's.
    """
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
    field = _field(column.name, column.args.get("kind"))
    for constraint in column.args.get("constraints") or ():
        kind = constraint.args.get("kind")
        if isinstance(kind, exp.NotNullColumnConstraint):
            field = replace(field, mode="REQUIRED")
        elif isinstance(kind, exp.DefaultColumnConstraint):
            field = replace(field, default=kind.this.sql("bigquery"))
        elif isinstance(kind, exp.PrimaryKeyColumnConstraint | exp.Reference):
            # Keys are kept with the table.
            continue
        elif isinstance(kind, exp.Properties):
            options = _options(kind)
            if set(options) - {"description"}:
                raise UnsupportedError(f"column options {', '.join(sorted(options))}")
            field = replace(field, description=options.get("description"))
        else:
            raise UnsupportedError(f"{constraint.sql('bigquery')} of column {column.name}")
    return field


def _field(name: str, kind: exp.Expr | None) -> Field:
    if not isinstance(kind, exp.DataType) or (
        kind.this == exp.DType.ARRAY and not kind.expressions
    ):
        raise ApiError("invalidQuery", f"Syntax error: Column {name} has no type", location="query")
    if kind.this == exp.DType.ARRAY:
        element = _field(name, kind.expressions[0])
        if element.repeated:
            raise ApiError("invalidQuery", "Arrays of arrays are not supported")
        return replace(element, mode="REPEATED")
    if kind.this == exp.DType.STRUCT:
        inner = tuple(_field(one.name, one.args.get("kind")) for one in kind.expressions)
        return Field(name=name, type="STRUCT", fields=checked(inner))
    plain = kind_of_type(kind).name
    return Field(name=name, type=plain, parameters=parameters_of_type(kind, plain))


def layout_of(tree: exp.Create) -> Layout:
    """What stands after the columns, without OPTIONS.

    Raises:
        ApiError: A clause is not one of the stub's.
    """
    properties = tree.args.get("properties")
    partitioning, clustering = None, ()
    for one in properties.expressions if properties else ():
        if isinstance(one, exp.PartitionedByProperty):
            partitioning = _partitioning(one.this)
        elif isinstance(one, exp.ClusterProperty):
            clustering = tuple(column.name for column in one.expressions)
        elif not isinstance(one, _NOT_LAYOUT) and type(one) is not exp.Property:
            raise UnsupportedError(type(one).__name__.removesuffix("Property").upper())
    return Layout(
        partitioning=partitioning,
        clustering=clustering,
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


def _partitioning(node: exp.Expr) -> Partitioning:
    if isinstance(node, exp.Identifier | exp.Column):
        name = node.name
        field = None if name.upper() in _INGESTION else name
        return Partitioning(type="DAY", field=field)
    if isinstance(node, exp.Date | exp.TsOrDsToDate):
        name = node.this.name
        return Partitioning(type="DAY", field=None if name.upper() in _INGESTION else name)
    if isinstance(node, _TRUNCATIONS) and node.args.get("unit") is not None:
        name = node.this.name
        field = None if name.upper() in _INGESTION else name
        return Partitioning(type=node.args["unit"].name.upper(), field=field)
    if isinstance(node, exp.RangeBucket) and isinstance(node.expression, exp.GenerateSeries):
        series = node.expression
        given = [series.args.get(name) for name in ("start", "end", "step")]
        start, end, step = (constant_int(one) if one is not None else 1 for one in given)
        if start is not None and end is not None and step is not None:
            return Partitioning(
                type="RANGE", field=node.this.name, start=start, end=end, interval=step
            )
    raise UnsupportedError(f"PARTITION BY {node.sql('bigquery')}")
