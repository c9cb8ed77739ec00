"""How the rows of a job reach their table: wholly or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.bigquery.changing import changeable
from harness.bigquery.entries import Table, now_ms
from harness.bigquery.errors import ApiError, not_found_table
from harness.bigquery.field_names import PARTITION_TIME
from harness.bigquery.holding import hold_staged
from harness.bigquery.loads.write_checks import (
    check_clustering,
    check_partitioning,
    check_rows,
    held,
)
from harness.bigquery.partitions.partition_limits import check_staged
from harness.bigquery.partitions.partition_spec import with_field
from harness.bigquery.schemas import change_schema, merged_schema, widened
from harness.bigquery.table_kinds import refuse_changes
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from harness.bigquery.catalog import Catalog
    from harness.bigquery.loads.dispositions import Destination
    from harness.bigquery.types import Field


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
    refuse_changes(old)
    check_partitioning(destination, old)
    check_clustering(destination, old.fields or fields)
    if destination.write == "WRITE_EMPTY" and held(destination, old):
        raise ApiError("duplicate", f"Already Exists: Table {destination.ref}")
    # A table that was made without a schema takes that of the first rows.
    whole = destination.write == "WRITE_TRUNCATE" and not destination.partition
    if whole or not old.fields:
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
        raise ApiError(
            "invalid",
            "Partitioning specification must be provided in order to create partitioned table",
        )
    if partitioning is not None:
        with_field(partitioning, fields=fields)
    check_clustering(destination, fields)
    hold_staged(catalog.database, staged, fields, target=fields)
    moment = now_ms()
    table = Table(
        ref=destination.ref,
        fields=fields,
        rows_in=staged,
        partitioning=partitioning,
        clustering=destination.clustering or (old.clustering if old else ()),
        require_filter=old.require_filter if old else destination.require_filter,
        kept={**(old.kept if old else {}), **(destination.kept or {})},
        policy=old.policy if old else None,
        created=old.created if old else moment,
        modified=moment,
    )
    if destination.partition:
        check_rows(catalog, table, destination.partition, staged)
    check_staged(catalog.database, table, staged, known=())
    add_arrival(catalog, table, partition=destination.partition)
    return catalog.put_table(table)


def add_arrival(catalog: Catalog, table: Table, *, partition: str = "") -> None:
    """Give new rows the time that they came, where the table is cut by it.

    Args:
        catalog: The catalog.
        table: The table, not yet in the catalog.
        partition: The partition id of a decorator, or an empty string.
    """
    if table.pseudo:
        with catalog.database.cursor() as cursor:
            cursor.execute(
                f"ALTER TABLE {table.rows_in} ADD COLUMN {quoted(PARTITION_TIME)} "
                f"TIMESTAMP WITH TIME ZONE DEFAULT {_arrival(table, partition)}"
            )


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
        check_rows(catalog, old, destination.partition, staged)
    check_staged(catalog.database, old, staged, known=old.partitions)
    hold_staged(catalog.database, staged, fields, target=merged)
    if _takes_place(destination, old, fields=fields, merged=merged):
        return catalog.put_table(replace(old, rows_in=staged))
    old = changeable(catalog, old)
    names = [quoted(field.name) for field in fields]
    after = {field.name.lower(): field for field in merged}
    values = [widened(one, after[one.name.lower()], quoted(one.name)) for one in fields]
    if old.pseudo:
        names.append(quoted(PARTITION_TIME))
        values.append(_arrival(old, destination.partition))
    with catalog.database.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            change_schema(cursor, old, merged)
            if destination.write in ("WRITE_TRUNCATE", "WRITE_TRUNCATE_DATA"):
                where = ""
                if destination.partition and old.partitioning is not None:
                    part = literal(destination.partition)
                    where = f" WHERE {old.partitioning.id_sql()} = {part}"
                cursor.execute(f"DELETE FROM {old.rows_in}{where}")  # noqa: S608
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


def _takes_place(
    destination: Destination, old: Table, *, fields: tuple[Field, ...], merged: tuple[Field, ...]
) -> bool:
    """Whether staged rows can stand in the place of the table's, without being copied."""
    none_left = not old.rows or (
        destination.write == "WRITE_TRUNCATE_DATA" and not destination.partition
    )
    alike = all(
        (one.name, one.duckdb_type, one.mode) == (other.name, other.duckdb_type, other.mode)
        for one, other in zip(fields, old.fields, strict=False)
    )
    same = alike and len(fields) == len(old.fields) and merged == old.fields
    return none_left and same and not old.pseudo


def _arrival(table: Table, partition: str) -> str:
    if table.partitioning is None:
        return "NULL"
    if partition:
        return table.partitioning.time_sql(partition)
    return table.partitioning.now_sql()
