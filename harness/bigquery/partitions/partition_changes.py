"""Partitions as facts: counted after a change, and gone when their time is over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.bigquery.changing import changeable
from harness.bigquery.entries import now_ms
from harness.bigquery.partitions.partitions import Partition
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from harness.bigquery.catalog import Catalog
    from harness.bigquery.database import Database
    from harness.bigquery.entries import Table


def without_expired(catalog: Catalog, table: Table) -> Table:
    """The table once the partitions whose time is over are gone; the catalog's lock is held."""
    if table.partitioning is None:
        return table
    gone = table.partitioning.gone(table.partitions, now=now_ms())
    if not gone:
        return table
    where = f"{table.partitioning.id_sql()} IN ({', '.join(map(literal, gone))})"
    table = changeable(catalog, table)
    with catalog.database.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table.rows_in} WHERE {where}")  # noqa: S608
    return catalog.put_table(table)


def counted_partitions(
    database: Database, table: Table, old: Table | None, *, moment: int
) -> tuple[Partition, ...]:
    """The partitions of a table whose rows have changed.

    Args:
        database: Holds the rows.
        table: The new entry.
        old: The entry before, whose partitions keep their times where nothing has changed.
        moment: Of the change, in milliseconds since the epoch.
    """
    if table.partitioning is None:
        return ()
    with database.cursor() as cursor:
        counts = table.partitioning.counts(cursor, table.rows_in)
    before = {part.id: part for part in old.partitions} if old else {}
    rewritten = old is not None and old.rows_in != table.rows_in
    partitions = []
    for name, rows in counts.items():
        known = before.get(name)
        if known is None:
            known = Partition(id=name, rows=rows, created=moment, modified=moment)
        elif rewritten or known.rows != rows:
            known = replace(known, rows=rows, modified=moment)
        partitions.append(known)
    return tuple(partitions)
