"""INSERT. Source: "INSERT statement" of the reference's page on DML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.field_names import PARTITION_TIME
from harness.bigquery.sql.assignment import assigned, columns_as_values, is_default
from harness.bigquery.sql.kinds import Value, kind_of_field
from harness.bigquery.sql.places import at
from harness.bigquery.statements.changes import columns_of, done, target_of
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.entries import Table
    from harness.bigquery.statements.statement import Outcome, Session
    from harness.bigquery.types import Field


def insert(session: Session, tree: exp.Insert, *, dry: bool) -> Outcome:
    """Do an INSERT.

    Raises:
        ApiError: BigQuery would refuse it, or the stub does; nothing has changed then.
    """
    target, names = tree.this, None
    if isinstance(target, exp.Schema):
        names, target = [one.name for one in target.expressions], target.this
    source = tree.expression
    if source is None:
        raise ApiError(
            "invalidQuery",
            f"Syntax error: INSERT needs VALUES or a query{at(tree)}",  # noqa: S608
            location="query",
        )
    with session.catalog.lock, session.catalog.reading():
        table = target_of(session, target, dry=dry)
        arrives, names = _arrival(table, names)
        fields = columns_of(table, names)
        for one in table.fields:
            if one.mode == "REQUIRED" and one not in fields and one.default is None:
                raise ApiError("invalidQuery", f"Required field {one.name} cannot be null")
        if isinstance(source, exp.Values):
            given = _rows(session, source, table, _slots(fields, arrives))
        else:
            given = _query(session, source, table, _slots(fields, arrives))
        targets = [quoted(one.name) for one in _slots(fields, arrives)]
        if table.partitioning is not None and table.pseudo and arrives is None:
            targets.append(quoted(PARTITION_TIME))
            given = f"SELECT *, {table.partitioning.now_sql()} FROM ({given})"  # noqa: S608
        statement = f"INSERT INTO {table.rows_in} ({', '.join(targets)}) {given}"
        return done(session, table, statement, kind="INSERT", dry=dry)


def _arrival(table: Table, names: list[str] | None) -> tuple[int | None, list[str] | None]:
    """Where the column list names the time of arrival, and the list without it."""
    if names is None or not table.pseudo:
        return None, names
    places = [place for place, one in enumerate(names) if one.upper() == PARTITION_TIME]
    if not places:
        return None, names
    return places[0], [one for one in names if one.upper() != PARTITION_TIME]


def _slots(fields: Sequence[Field], arrives: int | None) -> list[Field]:
    from harness.bigquery.types import Field as Column  # noqa: PLC0415

    slots = list(fields)
    if arrives is not None:
        slots.insert(arrives, Column(name=PARTITION_TIME, type="TIMESTAMP"))
    return slots


def _kept(value: str, field: Field, table: Table) -> str:
    """A value as it is stored: a time of arrival must be the start of a partition."""
    if field.name != PARTITION_TIME or table.partitioning is None:
        return value
    start = f"date_trunc({literal(table.partitioning.type.lower())}, {value})"
    failed = "error('bq:Invalid value for _PARTITIONTIME: it must be the start of a partition')"
    return f"CASE WHEN {value} = {start} THEN {value} ELSE {failed} END"


def _check_width(found: int, width: int, node: exp.Expr) -> None:
    if found != width:
        raise ApiError(
            "invalidQuery",
            f"Inserted row has wrong column count; Has {found}, expected {width}{at(node)}",
            location="query",
        )


def _rows(session: Session, source: exp.Expr, table: Table, slots: Sequence[Field]) -> str:
    query, texts = session.translator(), []
    for row in source.expressions:
        cells = row.expressions if isinstance(row, exp.Tuple) else [row.this]
        _check_width(len(cells), len(slots), row)
        parts = []
        for cell, field in zip(cells, slots, strict=True):
            if is_default(cell):
                parts.append(default_value(field))
                continue
            value = query.expressions.value(session.bound(cell), query.root)
            made = assigned(value, field, what="Value", verb="inserted into", at=at(cell))
            parts.append(_kept(made, field, table))
        texts.append(", ".join(parts))
    return f"SELECT * FROM (VALUES ({'), ('.join(texts)})) AS given"  # noqa: S608


def _query(session: Session, source: exp.Expr, table: Table, slots: Sequence[Field]) -> str:
    sql, columns = session.translated(source)
    _check_width(len(columns), len(slots), source)
    values = columns_as_values(source, [kind for _, kind in columns])
    cells = [
        _kept(
            assigned(value, field, what=f"Query column {number}", verb="inserted into"),
            field,
            table,
        )
        for number, (value, field) in enumerate(zip(values, slots, strict=True), start=1)
    ]
    names = ", ".join(f"c{number}" for number in range(len(columns)))
    return f"SELECT {', '.join(cells)} FROM ({sql}) AS q({names})"  # noqa: S608


def default_value(field: Field) -> str:
    """SQL of what DEFAULT stands for: NULL where the column has none."""
    from harness.bigquery.column_defaults import default_sql  # noqa: PLC0415

    if field.default is None:
        return assigned(Value("NULL", kind_of_field(field)), field, what="", verb="")
    return default_sql(field)
