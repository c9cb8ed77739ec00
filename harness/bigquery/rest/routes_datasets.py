"""The operations on datasets and projects."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.bigquery.entries import Dataset, now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.kept_parts import DATASET_KEPT, changed, kept
from harness.bigquery.labels import check_labels
from harness.bigquery.rest.api import Reply, page_of, reply
from harness.bigquery.rest.resources import dataset_resource, etag

if TYPE_CHECKING:
    from harness.bigquery.rest.api import Api, Call

_FILTER = re.compile(r"labels\.([^:\s]+)(?::(\S*))?")
_ID = re.compile(r"[A-Za-z0-9_]{1,1024}")


def insert(api: Api, call: Call) -> Reply:
    """datasets.insert."""
    resource = call.json()
    check_labels(resource)
    for option in ("isCaseInsensitive", "externalDatasetReference", "linkedDatasetSource"):
        if resource.get(option):
            raise UnsupportedError(f"a dataset with {option}")
    reference = resource.get("datasetReference") or {}
    name = str(reference.get("datasetId") or "")
    if not _ID.fullmatch(name):
        raise ApiError(
            "invalid",
            f'Invalid dataset ID "{name}". Dataset IDs must be alphanumeric (plus underscores) and '
            "must be at most 1024 characters long.",
        )
    dataset = Dataset(
        project=str(reference.get("projectId") or call.project),
        name=name,
        location=str(resource.get("location") or api.catalog.location),
        kept=kept(resource, DATASET_KEPT),
        created=now_ms(),
        modified=now_ms(),
    )
    api.catalog.add_dataset(dataset)
    return reply(dataset_resource(dataset))


def get(api: Api, call: Call) -> Reply:
    """datasets.get."""
    return reply(dataset_resource(api.catalog.dataset(call.project, call.path["dataset"])))


def list_all(api: Api, call: Call) -> Reply:
    """datasets.list."""
    items = [
        {
            "kind": "bigquery#dataset",
            "id": str(one),
            "datasetReference": {"projectId": one.project, "datasetId": one.name},
            "location": one.location,
            **kept(one.kept, ("labels", "friendlyName")),
        }
        for one in api.catalog.datasets(call.project, hidden=call.flag("all"))
        if _has_labels(one, call.query.get("filter", ""))
    ]
    shown, token = page_of(call, items)
    answer = {"kind": "bigquery#datasetList", "datasets": shown}
    return reply({**answer, "nextPageToken": token} if token else answer)


def _has_labels(dataset: Dataset, wanted: str) -> bool:
    """Whether a dataset has the labels of a filter: ``labels.name:value``, joined by spaces.

    Source: the parameter ``filter`` of datasets.list in the REST reference.
    """
    labels = dataset.kept.get("labels")
    labels = labels if isinstance(labels, dict) else {}
    for term in wanted.split():
        found = _FILTER.fullmatch(term)
        if not found:
            raise ApiError("invalid", f"Invalid filter: {wanted}", location="filter")
        name, value = found.groups()
        if name not in labels or (value is not None and labels[name] != value):
            return False
    return True


def patch(api: Api, call: Call) -> Reply:
    """datasets.patch: the parts that are given."""
    return _update(api, call, whole=False)


def update(api: Api, call: Call) -> Reply:
    """datasets.update: everything."""
    return _update(api, call, whole=True)


def delete(api: Api, call: Call) -> Reply:
    """datasets.delete."""
    with_tables = call.flag("deleteContents")
    api.catalog.remove_dataset(call.project, call.path["dataset"], with_tables=with_tables)
    return Reply(status=204)


def _update(api: Api, call: Call, *, whole: bool) -> Reply:
    resource = call.json()
    check_labels(resource)
    with api.catalog.lock:
        old = api.catalog.dataset(call.project, call.path["dataset"])
        check_etag(call, etag(old.version, old.modified))
        location = resource.get("location")
        if location and str(location).lower() != old.location.lower():
            raise ApiError("invalid", "Dataset location cannot be changed")
        new = replace(old, kept=changed(old.kept, resource, DATASET_KEPT, whole=whole))
        return reply(dataset_resource(api.catalog.put_dataset(new)))


def check_etag(call: Call, current: str) -> None:
    """Refuse a change that was made on an older state.

    Raises:
        ApiError: If-Match names another etag.
    """
    wanted = call.headers.get("if-match")
    if wanted and wanted not in ("*", current):
        raise ApiError("conditionNotMet", "Precondition Failed", location="If-Match")
