"""What a patch or an update may change of a table that has rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.changing import changeable
from harness.bigquery.clustering import clustering_of
from harness.bigquery.errors import ApiError
from harness.bigquery.partitions.partition_spec import partitioning_from_rest
from harness.bigquery.schemas import change_schema, merged_schema
from harness.bigquery.types import literal, schema_from_rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table


def changed_table(catalog: Catalog, old: Table, new: Table, resource: Mapping[str, Any]) -> Table:
    """The table after a patch; its stored rows get the new columns.

    Args:
        catalog: The catalog, whose lock is held.
        old: The table as it is.
        new: The same, with what is kept as given changed already.
        resource: The Table resource of the request.

    Raises:
        ApiError: BigQuery does not allow the change; nothing is changed then.
    """
    if "requirePartitionFilter" in resource:
        new = replace(new, require_filter=bool(resource["requirePartitionFilter"]))
    partitioning = partitioning_from_rest(resource, fields=old.fields)
    if partitioning is not None:
        told = old.partitioning.described() if old.partitioning else "none"
        if partitioning.described() != told:
            raise ApiError("invalid", "Cannot change partitioning spec of a table")
        new = replace(new, partitioning=partitioning)
    if resource.get("schema") is not None:
        given = schema_from_rest(resource["schema"])
        new = replace(
            new,
            fields=merged_schema(
                old,
                given,
                updates=("ALLOW_FIELD_ADDITION", "ALLOW_FIELD_RELAXATION"),
                complete=True,
            ),
        )
    if "clustering" in resource:
        new = replace(new, clustering=clustering_of(resource, new.fields))
    if new.fields != old.fields:
        old = changeable(catalog, old)
        new = replace(new, rows_in=old.rows_in)
        with catalog.database.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                change_schema(cursor, old, new.fields)
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
    return new


def delete_partition(catalog: Catalog, table: Table, partition: str) -> None:
    """Remove the rows of a partition; the catalog's lock is held.

    Raises:
        ApiError: The table has no partitions, or none of that id.
    """
    if table.partitioning is None:
        raise ApiError("invalid", f"Cannot delete a partition of {table.ref}: it has none")
    if partition not in {part.id for part in table.partitions}:
        raise ApiError("notFound", f"Not found: Partition {table.ref}${partition}")
    where = f"{table.partitioning.id_sql()} = {literal(partition)}"
    table = changeable(catalog, table)
    with catalog.database.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table.rows_in} WHERE {where}")  # noqa: S608
    catalog.put_table(table)
