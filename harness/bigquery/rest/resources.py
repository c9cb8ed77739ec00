"""REST resources of datasets and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.sizes import bytes_read
from harness.bigquery.table_kinds import table_kind
from harness.bigquery.types import schema_rest

if TYPE_CHECKING:
    from harness.bigquery.database import Database
    from harness.bigquery.entries import Dataset, Table

_LISTED = ("expirationTime", "friendlyName", "labels")
# The internal rules of an owner, which every dataset has.
_ACCESS = [{"role": "OWNER", "specialGroup": "projectOwners"}]


def etag(version: int, modified: int) -> str:
    """An etag of an entry."""
    return f'"{modified:x}-{version}"'


def dataset_resource(dataset: Dataset) -> dict[str, Any]:
    """The Dataset resource."""
    return {
        "kind": "bigquery#dataset",
        "id": str(dataset),
        "etag": etag(dataset.version, dataset.modified),
        "selfLink": f"/bigquery/v2/projects/{dataset.project}/datasets/{dataset.name}",
        "datasetReference": {"projectId": dataset.project, "datasetId": dataset.name},
        "location": dataset.location,
        "type": "DEFAULT",
        "creationTime": str(dataset.created),
        "lastModifiedTime": str(dataset.modified),
        "access": _ACCESS,
        **{name: value for name, value in dataset.kept.items() if value is not None},
    }


def table_resource(table: Table, *, location: str, database: Database) -> dict[str, Any]:
    """The Table resource.

    Args:
        table: The table.
        location: Its dataset's.
        database: Holds the rows, for their size.
    """
    ref = table.ref
    path = f"/bigquery/v2/projects/{ref.project}/datasets/{ref.dataset}/tables/{ref.table}"
    resource: dict[str, Any] = {
        "kind": "bigquery#table",
        "id": str(ref),
        "etag": etag(table.version, table.modified),
        "selfLink": path,
        "tableReference": ref.rest(),
        "schema": schema_rest(table.fields),
        "numRows": str(table.rows),
        "numBytes": str(bytes_read(database, table)),
        "numLongTermBytes": "0",
        "creationTime": str(table.created),
        "lastModifiedTime": str(table.modified),
        "type": table_kind(table),
        "location": location,
        **{name: value for name, value in table.kept.items() if value is not None},
    }
    if table_kind(table) == "VIEW":
        resource["view"] = {"query": table.view, "useLegacySql": False}
    if table.external is not None:
        resource["externalDataConfiguration"] = dict(table.external.resource)
    if table.partitioning is not None:
        resource.update(table.partitioning.rest())
    if table.clustering:
        resource["clustering"] = {"fields": list(table.clustering)}
    if table.require_filter:
        resource["requirePartitionFilter"] = True
    return resource


def table_item(table: Table) -> dict[str, Any]:
    """The table's part of a list."""
    item: dict[str, Any] = {
        "kind": "bigquery#table",
        "id": str(table.ref),
        "tableReference": table.ref.rest(),
        "type": table_kind(table),
        "creationTime": str(table.created),
        **{name: table.kept[name] for name in _LISTED if table.kept.get(name)},
    }
    if table_kind(table) == "VIEW":
        item["view"] = {"useLegacySql": False}
    if table.partitioning is not None:
        item.update(table.partitioning.rest())
    if table.clustering:
        item["clustering"] = {"fields": list(table.clustering)}
    return item
