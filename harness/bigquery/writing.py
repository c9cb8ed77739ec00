"""How the rows of a job reach their table: dispositions, schema rules, partition decorators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.bigquery.catalog import Table, TableRef, now_ms
from harness.bigquery.errors import ApiError, UnsupportedError, not_found_table
from harness.bigquery.partitions import PARTITION_TIME, Partitioning, split_decorator, with_field
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.types import Field

_WRITES = ("WRITE_APPEND", "WRITE_TRUNCATE", "WRITE_EMPTY")


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a job writes, and how.

    Attributes:
        ref: The table, without a decorator.
        partition: The partition id of a decorator, or an empty string.
        create: Whether a missing table is made.
        write: ``WRITE_APPEND``, ``WRITE_TRUNCATE`` or ``WRITE_EMPTY``.
        partitioning: As the job gives it, or None.
        clustering: Likewise.
        updates: Schema updates that the job allows.
        kept: Labels and description of a table that is made.
    """

    ref: TableRef
    partition: str = ""
    create: bool = True
    write: str = "WRITE_APPEND"
    partitioning: Partitioning | None = None
    clustering: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    kept: Mapping[str, object] | None = None


def destination_of(name: str, ref: TableRef) -> tuple[TableRef, str]:
    """Split the decorator off a table's name."""
    table, partition = split_decorator(name)
    return replace(ref, table=table), partition


def checked_write(value: str | None, *, default: str) -> str:
    """A write disposition.

    Raises:
        ApiError: There is none of that name.
    """
    write = value or default
    if write not in _WRITES:
        raise ApiError("invalid", f"Invalid value for writeDisposition: {write}")
    return write


def write_rows(
    catalog: Catalog, destination: Destination, *, fields: tuple[Field, ...], staged: str
) -> Table:
    """Bring staged rows into their table, wholly or not at all.

    Args:
        catalog: The catalog.
        destination: Where and how.
        fields: The columns of the staged rows.
        staged: A DuckDB table with these columns; it is used up.

    Returns:
        The table's new entry.

    Raises:
        ApiError: The destination does not take them; nothing is changed then.
    """
    try:
        with catalog.lock:
            return _write(catalog, destination, fields=fields, staged=staged)
    except BaseException:
        catalog.database.drop(staged)
        raise


def _write(
    catalog: Catalog, destination: Destination, *, fields: tuple[Field, ...], staged: str
) -> Table:
    catalog.dataset(destination.ref.project, destination.ref.dataset)
    old = catalog.find_table(destination.ref)
    if old is None:
        if not destination.create:
            raise not_found_table(str(destination.ref))
        return _make(catalog, destination, fields=fields, staged=staged, old=None)
    _check_partitioning(destination, old)
    if destination.write == "WRITE_EMPTY" and old.rows:
        raise ApiError("duplicate", f"Already Exists: Table {destination.ref}")
    if destination.write == "WRITE_TRUNCATE" and not destination.partition:
        return _make(catalog, destination, fields=fields, staged=staged, old=old)
    merged = merged_schema(old, fields, updates=destination.updates)
    return _insert(catalog, destination, fields=fields, staged=staged, old=old, merged=merged)


def merged_schema(
    table: Table, fields: Sequence[Field], *, updates: Sequence[str] = (), complete: bool = False
) -> tuple[Field, ...]:
    """The table's columns after rows or a schema with these fields.

    Args:
        table: The table.
        fields: The new fields.
        updates: ``ALLOW_FIELD_ADDITION``, ``ALLOW_FIELD_RELAXATION``.
        complete: Whether a column that is not among the fields would be lost.

    Raises:
        ApiError: The fields do not fit, in BigQuery's words.
    """
    return _merged(
        table.fields,
        fields,
        what=f"Provided Schema does not match Table {table.ref}.",
        updates=updates,
        complete=complete,
        prefix="",
    )


def _merged(
    old: Sequence[Field],
    new: Sequence[Field],
    *,
    what: str,
    updates: Sequence[str],
    complete: bool,
    prefix: str,
) -> tuple[Field, ...]:
    given = {field.name.lower(): field for field in new}
    known = {field.name.lower() for field in old}
    merged: list[Field] = []
    for field in old:
        name = prefix + field.name
        other = given.get(field.name.lower())
        if other is None:
            if complete:
                raise ApiError("invalid", f"{what} Field {name} is missing in new schema")
            if field.mode == "REQUIRED":
                if "ALLOW_FIELD_RELAXATION" not in updates:
                    raise ApiError("invalid", f"{what} Required field {name} is missing")
                field = replace(field, mode="NULLABLE")  # noqa: PLW2901
            merged.append(field)
            continue
        if other.type != field.type:
            raise ApiError(
                "invalid",
                f"{what} Field {name} has changed type from {field.rest()['type']} "
                f"to {other.rest()['type']}",
            )
        mode = field.mode
        if other.mode != mode:
            relaxed = (mode, other.mode) == ("REQUIRED", "NULLABLE")
            if other.repeated or field.repeated or (relaxed and complete and not updates):
                raise ApiError(
                    "invalid", f"{what} Field {name} has changed mode from {mode} to {other.mode}"
                )
            if relaxed and "ALLOW_FIELD_RELAXATION" in updates:
                mode = "NULLABLE"
            elif complete:
                raise ApiError(
                    "invalid", f"{what} Field {name} has changed mode from {mode} to {other.mode}"
                )
        inner = _merged(
            field.fields,
            other.fields,
            what=what,
            updates=updates,
            complete=complete,
            prefix=f"{name}.",
        )
        text = other.description if complete else field.description
        merged.append(replace(field, mode=mode, fields=inner, description=text))
    for field in new:
        if field.name.lower() not in known:
            if "ALLOW_FIELD_ADDITION" not in updates:
                raise ApiError("invalid", f"{what} Cannot add fields (field: {prefix}{field.name})")
            if field.mode == "REQUIRED":
                raise ApiError(
                    "invalid",
                    f"{what} Cannot add required fields to an existing schema. "
                    f"(field: {prefix}{field.name})",
                )
            merged.append(field)
    return tuple(merged)


def change_schema(
    cursor: duckdb.DuckDBPyConnection, table: Table, fields: tuple[Field, ...]
) -> None:
    """Give the stored rows the columns of a merged schema, within the cursor's transaction.

    Raises:
        UnsupportedError: A STRUCT has changed within.
    """
    old = {field.name.lower(): field for field in table.fields}
    for field in fields:
        known = old.get(field.name.lower())
        name = quoted(field.name)
        if known is None:
            cursor.execute(f"ALTER TABLE {table.rows_in} ADD COLUMN {name} {field.duckdb_type}")
        elif known.duckdb_type != field.duckdb_type:
            raise UnsupportedError(f"adding fields within the STRUCT {field.name}")
        elif known.mode == "REQUIRED" and field.mode == "NULLABLE":
            cursor.execute(f"ALTER TABLE {table.rows_in} ALTER {name} DROP NOT NULL")


def _make(
    catalog: Catalog,
    destination: Destination,
    *,
    fields: tuple[Field, ...],
    staged: str,
    old: Table | None,
) -> Table:
    partitioning = destination.partitioning or (old.partitioning if old else None)
    if partitioning is None and destination.partition:
        partitioning = Partitioning(type="DAY")
    if partitioning is not None:
        with_field(partitioning, fields=fields)
    moment = now_ms()
    table = Table(
        ref=destination.ref,
        fields=fields,
        rows_in=staged,
        partitioning=partitioning,
        clustering=destination.clustering or (old.clustering if old else ()),
        require_filter=old.require_filter if old else False,
        kept={**(old.kept if old else {}), **(destination.kept or {})},
        created=old.created if old else moment,
        modified=moment,
    )
    if destination.partition:
        _check_rows(catalog, table, destination.partition, staged)
    if table.pseudo:
        with catalog.database.cursor() as cursor:
            cursor.execute(
                f"ALTER TABLE {staged} ADD COLUMN {quoted(PARTITION_TIME)} "
                f"TIMESTAMP WITH TIME ZONE DEFAULT {_arrival(table, destination.partition)}"
            )
    return catalog.put_table(table)


def _insert(
    catalog: Catalog,
    destination: Destination,
    *,
    fields: tuple[Field, ...],
    staged: str,
    old: Table,
    merged: tuple[Field, ...],
) -> Table:
    if destination.partition:
        if old.partitioning is None:
            raise ApiError(
                "invalid",
                f"Cannot write to partition {destination.partition}: table {old.ref} "
                "is not partitioned",
            )
        _check_rows(catalog, old, destination.partition, staged)
    names = [quoted(field.name) for field in fields]
    values = list(names)
    if old.pseudo:
        names.append(quoted(PARTITION_TIME))
        values.append(_arrival(old, destination.partition))
    with catalog.database.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            change_schema(cursor, old, merged)
            if destination.write == "WRITE_TRUNCATE" and old.partitioning is not None:
                cursor.execute(
                    f"DELETE FROM {old.rows_in} "  # noqa: S608
                    f"WHERE {old.partitioning.id_sql()} = {literal(destination.partition)}"
                )
            if names:
                cursor.execute(
                    f"INSERT INTO {old.rows_in} ({', '.join(names)}) "  # noqa: S608
                    f"SELECT {', '.join(values)} FROM {staged}"
                )
            cursor.execute("COMMIT")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
    catalog.database.drop(staged)
    return catalog.put_table(replace(old, fields=merged))


def _check_partitioning(destination: Destination, old: Table) -> None:
    new = destination.partitioning
    if new is None:
        return
    expected = old.partitioning.described() if old.partitioning else "none"
    if new.described() != expected:
        raise ApiError(
            "invalid",
            "Incompatible table partitioning specification. Expected partitioning specification "
            f"{expected}, but input partitioning specification is {new.described()}",
        )


def _check_rows(catalog: Catalog, table: Table, partition: str, staged: str) -> None:
    partitioning = table.partitioning
    if partitioning is None or partitioning.by_ingestion:
        return
    if partitioning.type != "RANGE" and not partition.startswith("__"):
        partitioning.time_sql(partition)
    strange = catalog.database.scalar(
        f"SELECT count(*) FROM {staged} "  # noqa: S608
        f"WHERE {partitioning.id_sql()} <> {literal(partition)}"
    )
    if strange:
        raise ApiError(
            "invalid",
            "Some rows belong to different partitions rather than destination partition "
            f"{table.ref.table}${partition}",
        )


def _arrival(table: Table, partition: str) -> str:
    if table.partitioning is None:
        return "NULL"
    if partition:
        return table.partitioning.time_sql(partition)
    return f"date_trunc('{table.partitioning.type.lower()}', now())"
