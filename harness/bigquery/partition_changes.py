"""Partitions that go as a whole, because their time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.entries import now_ms
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table


def without_expired(catalog: Catalog, table: Table) -> Table:
    """The table once the partitions whose time is over are gone; the catalog's lock is held."""
    if table.partitioning is None:
        return table
    gone = table.partitioning.gone(table.partitions, now=now_ms())
    if not gone:
        return table
    where = f"{table.partitioning.id_sql()} IN ({', '.join(map(literal, gone))})"
    with catalog.database.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table.rows_in} WHERE {where}")  # noqa: S608
    return catalog.put_table(table)
