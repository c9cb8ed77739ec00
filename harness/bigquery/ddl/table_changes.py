"""What a patch or an update may change of a table that has rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.changing import changeable
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.partitions.partition_spec import partitioning_from_rest
from harness.bigquery.schemas import change_schema, merged_schema
from harness.bigquery.types import literal, schema_from_rest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table
    from harness.bigquery.types import Field

# "Clustered tables" in the reference: up to four columns, of these types.
_MAX_CLUSTERS = 4
_CLUSTERABLE = (
    "BIGNUMERIC",
    "BOOL",
    "DATE",
    "DATETIME",
    "INT64",
    "NUMERIC",
    "STRING",
    "TIMESTAMP",
)


def clustering_of(resource: Mapping[str, Any], fields: Sequence[Field]) -> tuple[str, ...]:
    """The columns that a resource clusters by.

    Raises:
        ApiError: There are too many, or one is not there or of a type that cannot be.
    """
    names = tuple((resource.get("clustering") or {}).get("fields") or ())
    if len(names) > _MAX_CLUSTERS:
        raise ApiError(
            "invalid", f"Too many clustering fields: {len(names)}; at most {_MAX_CLUSTERS}"
        )
    known = {field.name.lower(): field for field in fields}
    for name in names:
        if "." in str(name):
            raise UnsupportedError(f"clustering by a part of a STRUCT: {name}")
        field = known.get(str(name).lower())
        if field is None:
            raise ApiError(
                "invalid",
                "The field specified for clustering cannot be found in the schema. "
                f"Invalid field: {name}.",
            )
        if field.type not in _CLUSTERABLE or field.repeated:
            raise ApiError(
                "invalid",
                f"Field {name} has type {field.sql_type}, which is not supported for clustering",
            )
    return names


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
