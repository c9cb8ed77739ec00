"""How the rows of a job reach their table: dispositions, schema rules, partition decorators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.bigquery.entries import Table, TableRef, now_ms
from harness.bigquery.errors import ApiError, not_found_table
from harness.bigquery.partition_limits import check_staged
from harness.bigquery.partitions import PARTITION_TIME, Partitioning, split_decorator, with_field
from harness.bigquery.schemas import change_schema, merged_schema, widened
from harness.bigquery.types import literal, quoted
from harness.bigquery.views import refuse_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.types import Field

_WRITES = ("WRITE_APPEND", "WRITE_TRUNCATE", "WRITE_TRUNCATE_DATA", "WRITE_EMPTY")
_CREATES = ("CREATE_IF_NEEDED", "CREATE_NEVER")
_UPDATES = ("ALLOW_FIELD_ADDITION", "ALLOW_FIELD_RELAXATION")


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a job writes, and how.

    Attributes:
        ref: The table, without a decorator.
        partition: The partition id of a decorator, or an empty string.
        create: Whether a missing table is made.
        write: ``WRITE_APPEND``, ``WRITE_TRUNCATE``, ``WRITE_TRUNCATE_DATA`` or ``WRITE_EMPTY``.
        partitioning: As the job gives it, or None.
        clustering: Likewise.
        require_filter: Whether queries on a table that is made must filter by its partitions.
        updates: Schema updates that the job allows.
        kept: Labels and description of a table that is made.
    """

    ref: TableRef
    partition: str = ""
    create: bool = True
    write: str = "WRITE_APPEND"
    partitioning: Partitioning | None = None
    clustering: tuple[str, ...] = ()
    require_filter: bool = False
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


def checked_create(value: str | None) -> bool:
    """Whether a missing table is made, by a create disposition.

    Raises:
        ApiError: There is none of that name.
    """
    create = value or "CREATE_IF_NEEDED"
    if create not in _CREATES:
        raise ApiError("invalid", f"Invalid value for createDisposition: {create}")
    return create == "CREATE_IF_NEEDED"


def checked_updates(values: Sequence[str] | None, *, write: str, partition: str) -> tuple[str, ...]:
    """Schema update options, where they are allowed by "JobConfigurationLoad" of the reference.

    Raises:
        ApiError: There is none of that name, or it is not allowed beside the write disposition.
    """
    updates = tuple(values or ())
    for update in updates:
        if update not in _UPDATES:
            raise ApiError("invalid", f"Invalid value for schemaUpdateOptions: {update}")
    if updates and (write == "WRITE_EMPTY" or (write == "WRITE_TRUNCATE" and not partition)):
        raise ApiError(
            "invalid",
            "Schema update options should only be specified with WRITE_APPEND disposition, or "
            "with WRITE_TRUNCATE disposition on a table partition.",
        )
    return updates


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
    refuse_view(old)
    _check_partitioning(destination, old)
    _check_clustering(destination, old.fields)
    if destination.write == "WRITE_EMPTY" and _held(destination, old):
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
        raise ApiError(
            "invalid",
            "Partitioning specification must be provided in order to create partitioned table",
        )
    if partitioning is not None:
        with_field(partitioning, fields=fields)
    _check_clustering(destination, fields)
    moment = now_ms()
    table = Table(
        ref=destination.ref,
        fields=fields,
        rows_in=staged,
        partitioning=partitioning,
        clustering=destination.clustering or (old.clustering if old else ()),
        require_filter=old.require_filter if old else destination.require_filter,
        kept={**(old.kept if old else {}), **(destination.kept or {})},
        created=old.created if old else moment,
        modified=moment,
    )
    if destination.partition:
        _check_rows(catalog, table, destination.partition, staged)
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
        _check_rows(catalog, old, destination.partition, staged)
    check_staged(catalog.database, old, staged, known=old.partitions)
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
                    held = literal(destination.partition)
                    where = f" WHERE {old.partitioning.id_sql()} = {held}"
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


def _held(destination: Destination, old: Table) -> int:
    if not destination.partition:
        return old.rows
    return sum(part.rows for part in old.partitions if part.id == destination.partition)


def _check_clustering(destination: Destination, fields: Sequence[Field]) -> None:
    known = {field.name.lower() for field in fields}
    for name in destination.clustering:
        if name.lower() not in known:
            raise ApiError(
                "invalid",
                "The field specified for clustering cannot be found in the schema. "
                f"Invalid field: {name}.",
            )


def _check_partitioning(destination: Destination, old: Table) -> None:
    new = destination.partitioning
    if new is None:
        return
    expected = old.partitioning.described() if old.partitioning else "none"
    if new.described() != expected:
        raise ApiError(
            "invalid",
            "Incompatible table partitioning specification. Expects partitioning specification "
            f"{expected}, but input partitioning specification is {new.described()}",
        )


def _check_rows(catalog: Catalog, table: Table, partition: str, staged: str) -> None:
    partitioning = table.partitioning
    if partitioning is None:
        return
    partitioning.check_id(partition)
    if partitioning.by_ingestion:
        return
    strange = catalog.database.scalar(
        f"SELECT count(*) FROM {staged} WHERE {partitioning.id_sql()} <> {literal(partition)}"  # noqa: S608
    )
    if strange:
        raise ApiError(
            "invalid",
            "Some rows belong to different partitions rather than destination partition "
            f"{table.ref}${partition}",
        )


def _arrival(table: Table, partition: str) -> str:
    if table.partitioning is None:
        return "NULL"
    if partition:
        return table.partitioning.time_sql(partition)
    return table.partitioning.now_sql()
