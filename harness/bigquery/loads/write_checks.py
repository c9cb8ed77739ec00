"""What a destination that is there already does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.clustering import clustering_of
from harness.bigquery.errors import ApiError
from harness.bigquery.types import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table
    from harness.bigquery.loads.dispositions import Destination
    from harness.bigquery.partitions.partitions import Partitioning
    from harness.bigquery.types import Field


def held(destination: Destination, old: Table) -> int:
    """How many rows stand where a job writes."""
    if not destination.partition:
        return old.rows
    return sum(part.rows for part in old.partitions if part.id == destination.partition)


def check_clustering(destination: Destination, fields: Sequence[Field]) -> None:
    """Refuse to cluster by what a table cannot be clustered by.

    Raises:
        ApiError: A column is not there or not of such a type, or there are too many.
    """
    clustering_of({"clustering": {"fields": destination.clustering}}, fields)


def check_partitioning(destination: Destination, old: Table) -> None:
    """Refuse a job that cuts or clusters a table otherwise than it is.

    Raises:
        ApiError: It does.
    """
    expected = _described(old.partitioning, old.clustering)
    given = _described(
        destination.partitioning or old.partitioning, destination.clustering or old.clustering
    )
    if given != expected:
        raise ApiError(
            "invalid",
            "Incompatible table partitioning specification. Expects partitioning specification "
            f"{expected}, but input partitioning specification is {given}",
        )


def _described(partitioning: Partitioning | None, clustering: Sequence[str]) -> str:
    told = partitioning.described() if partitioning else "none"
    return f"{told} clustering({','.join(clustering)})" if clustering else told


def check_rows(catalog: Catalog, table: Table, partition: str, staged: str) -> None:
    """Refuse rows that are not of the partition that a decorator names.

    Raises:
        ApiError: Some are not, or the table can have no such partition.
    """
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
