"""REST resources of datasets and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.sizes import bytes_read
from harness.bigquery.statements.views import table_kind
from harness.bigquery.types import schema_rest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.bigquery.database import Database
    from harness.bigquery.entries import Dataset, Table

DATASET_KEPT = (
    "access",
    "defaultCollation",
    "defaultEncryptionConfiguration",
    "defaultPartitionExpirationMs",
    "defaultRoundingMode",
    "defaultTableExpirationMs",
    "description",
    "friendlyName",
    "labels",
    "maxTimeTravelHours",
    "resourceTags",
    "storageBillingModel",
)
TABLE_KEPT = (
    "defaultRoundingMode",
    "description",
    "encryptionConfiguration",
    "expirationTime",
    "friendlyName",
    "labels",
    "resourceTags",
    "tableConstraints",
)
_LISTED = ("expirationTime", "friendlyName", "labels")
# The internal rules of an owner, which every dataset has.
_ACCESS = [{"role": "OWNER", "specialGroup": "projectOwners"}]


def etag(version: int, modified: int) -> str:
    """An etag of an entry."""
    return f'"{modified:x}-{version}"'


def kept(resource: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The parts of a resource that are kept as given.

    Raises:
        UnsupportedError: One would change values or comparisons, which the stub does not do.
    """
    if resource.get("defaultRoundingMode") == "ROUND_HALF_EVEN":
        raise UnsupportedError("defaultRoundingMode ROUND_HALF_EVEN")
    if resource.get("defaultCollation"):
        raise UnsupportedError(f"defaultCollation {resource['defaultCollation']}")
    return {name: resource[name] for name in names if name in resource}


def changed(
    old: Mapping[str, Any], resource: Mapping[str, Any], names: Iterable[str], *, whole: bool
) -> dict[str, Any]:
    """What is kept after a patch, or after an update of the whole resource.

    A label whose new value is null is removed and the others stay, as the pages on labels say.
    """
    given = kept(resource, names)
    labels = given.get("labels")
    if isinstance(labels, dict):
        before = {} if whole else dict(old.get("labels") or {})
        merged = {**before, **labels}
        given["labels"] = {key: value for key, value in merged.items() if value is not None}
    return given if whole else {**old, **given}


def table_type(table: Table) -> str:
    """``TABLE``, ``VIEW``, ``MATERIALIZED_VIEW`` or ``SNAPSHOT``."""
    return table_kind(table)


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
        "numBytes": str(bytes_of(database, table)),
        "numLongTermBytes": "0",
        "creationTime": str(table.created),
        "lastModifiedTime": str(table.modified),
        "type": table_type(table),
        "location": location,
        **{name: value for name, value in table.kept.items() if value is not None},
    }
    if table_type(table) == "VIEW":
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
        "type": table_type(table),
        "creationTime": str(table.created),
        **{name: table.kept[name] for name in _LISTED if table.kept.get(name)},
    }
    if table_type(table) == "VIEW":
        item["view"] = {"useLegacySql": False}
    if table.partitioning is not None:
        item.update(table.partitioning.rest())
    if table.clustering:
        item["clustering"] = {"fields": list(table.clustering)}
    return item


def bytes_of(database: Database, table: Table, *, names: Iterable[str] | None = None) -> int:
    """Logical bytes of a table.

    Args:
        database: Holds the rows.
        table: The table.
        names: Only these columns, in lower case, or all.
    """
    return bytes_read(database, table, columns=names)
