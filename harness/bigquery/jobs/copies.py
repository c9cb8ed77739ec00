"""Copy jobs: the rows of tables, or of single partitions, into another table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.changing import changeable
from harness.bigquery.entries import Table, TableRef, now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.jobs.clones import KINDS, keep_state
from harness.bigquery.loads.dispositions import Destination, checked_create, checked_write
from harness.bigquery.loads.writing import write_rows
from harness.bigquery.partitions.partitions import split_decorator
from harness.bigquery.table_kinds import refuse_changes, refuse_view
from harness.bigquery.types import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.catalog import Catalog

    Part = tuple[Table, str]


def copy(
    catalog: Catalog,
    configuration: Mapping[str, Any],
    *,
    sources: Sequence[TableRef],
    destination: TableRef,
    location: str,
) -> int:
    """Do a copy job.

    Args:
        catalog: The catalog.
        configuration: The JobConfigurationTableCopy.
        sources: What is copied; a name may have a partition decorator.
        destination: Where to; likewise.
        location: Where the tables are looked for, or nothing.

    Returns:
        How many rows were copied.

    Raises:
        ApiError: BigQuery would refuse it; nothing has changed then.
    """
    kind = configuration.get("operationType") or "COPY"
    if configuration.get("destinationEncryptionConfiguration"):
        raise UnsupportedError("destinationEncryptionConfiguration")
    if kind in KINDS:
        with catalog.lock:
            return keep_state(
                catalog, configuration, _single(catalog, sources, location), destination
            )
    if kind not in ("COPY", "OPERATION_TYPE_UNSPECIFIED"):
        raise ApiError("invalid", f"Invalid value for operationType: {kind}")
    if configuration.get("destinationExpirationTime"):
        raise ApiError("invalid", "destinationExpirationTime is for snapshots and clones only")
    write = checked_write(configuration.get("writeDisposition"), default="WRITE_EMPTY")
    name, partition = split_decorator(destination.table)
    with catalog.lock:
        parts = [_part(catalog, ref, location) for ref in sources]
        first = parts[0][0]
        for table, _ in parts[1:]:
            if _shape(table) != _shape(first):
                raise ApiError(
                    "invalid", f"Source tables {first.ref} and {table.ref} have different schemas"
                )
        target = Destination(
            ref=replace(destination, table=name),
            partition=partition,
            create=checked_create(configuration.get("createDisposition")),
            write=write,
        )
        return _copied(catalog, parts, target)


def _single(catalog: Catalog, sources: Sequence[TableRef], location: str) -> Table:
    if len(sources) != 1 or split_decorator(sources[0].table)[1]:
        raise UnsupportedError("snapshots and clones of several tables, of partitions or of times")
    return catalog.table(sources[0], location=location)


def _part(catalog: Catalog, ref: TableRef, location: str) -> Part:
    name, partition = split_decorator(ref.table)
    table = catalog.table(replace(ref, table=name), location=location)
    refuse_view(table)
    if partition and table.partitioning is None:
        raise ApiError("invalid", f"Cannot read partition information from a table that is not "
                       f"partitioned: {ref}")  # fmt: skip
    if partition and partition not in {part.id for part in table.partitions}:
        raise ApiError("notFound", f"Not found: Partition {ref}")
    return table, partition


def _shape(table: Table) -> Any:
    return [(field.name.lower(), field.sql_type, field.mode) for field in table.fields]


def _copied(catalog: Catalog, parts: Sequence[Part], target: Destination) -> int:
    first, only = parts[0]
    catalog.dataset(target.ref.project, target.ref.dataset)
    old = catalog.find_table(target.ref)
    if old is None and only and not target.partition:
        raise UnsupportedError("copying a partition into a new table without a decorator")
    becomes = first if old is None or target.write == "WRITE_TRUNCATE" else old
    keeps_times = bool(first.pseudo and becomes.pseudo and not target.partition)
    staged = _staged(catalog, parts, pseudo=first.pseudo if keeps_times else ())
    rows = int(catalog.database.scalar(f"SELECT count(*) FROM {staged}"))  # noqa: S608
    if keeps_times:
        try:
            _put_with_times(catalog, first, old, staged, target)
        except BaseException:
            catalog.database.drop(staged)
            raise
        return rows
    write_rows(
        catalog,
        replace(
            target,
            partitioning=first.partitioning if old is None else None,
            clustering=first.clustering if old is None else (),
            kept=_description(first) if old is None else None,
        ),
        fields=first.fields,
        staged=staged,
    )
    return rows


def _staged(catalog: Catalog, parts: Sequence[Part], *, pseudo: tuple[str, ...]) -> str:
    fields = parts[0][0].fields
    staged = catalog.database.create(fields, pseudo=pseudo)
    names = ", ".join(quoted(name) for name in (*(field.name for field in fields), *pseudo))
    with catalog.database.cursor() as cursor:
        for table, partition in parts if names else ():
            where = ""
            if partition and table.partitioning is not None:
                where = f" WHERE {table.partitioning.id_sql()} = {literal(partition)}"
            cursor.execute(
                f"INSERT INTO {staged} ({names}) SELECT {names} FROM {table.rows_in}{where}"  # noqa: S608
            )
    return staged


def _put_with_times(
    catalog: Catalog, first: Table, old: Table | None, staged: str, target: Destination
) -> None:
    """Write rows that keep the ingestion time that they have in their source."""
    if old is not None:
        refuse_changes(old)
    moment = now_ms()
    if old is None or target.write == "WRITE_TRUNCATE":
        if old is None and not target.create:
            raise ApiError("notFound", f"Not found: Table {target.ref}")
        kept = old.kept if old else _description(first)
        created = old.created if old else moment
        catalog.put_table(
            replace(
                first,
                ref=target.ref,
                rows_in=staged,
                kept=kept,
                policy=old.policy if old else None,
                created=created,
                partitions=(),
            )
        )
        return
    if target.write == "WRITE_EMPTY" and old.rows:
        raise ApiError("duplicate", f"Already Exists: Table {target.ref}")
    if _shape(old) != _shape(first):
        raise ApiError("invalid", f"Provided Schema does not match Table {target.ref}.")
    old = changeable(catalog, old)
    with catalog.database.cursor() as cursor:
        cursor.execute(f"INSERT INTO {old.rows_in} BY NAME SELECT * FROM {staged}")  # noqa: S608
    catalog.database.drop(staged)
    catalog.put_table(old)


def _description(table: Table) -> dict[str, Any]:
    return {name: table.kept[name] for name in ("description",) if name in table.kept}
