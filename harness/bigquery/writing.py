"""How the rows of a job reach their table: dispositions, schema rules, partition decorators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.bigquery.entries import Table, TableRef, now_ms
from harness.bigquery.errors import ApiError, not_found_table
from harness.bigquery.partitions import PARTITION_TIME, Partitioning, split_decorator, with_field
from harness.bigquery.schemas import change_schema, merged_schema
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        f"SELECT count(*) FROM {staged} WHERE {partitioning.id_sql()} <> {literal(partition)}"  # noqa: S608
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
