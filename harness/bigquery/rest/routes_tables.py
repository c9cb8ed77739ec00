"""The operations on tables and views."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.clustering import clustering_of
from harness.bigquery.ddl.table_changes import changed_table, delete_partition
from harness.bigquery.entries import Table, TableRef, now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.kept_parts import TABLE_KEPT, changed, kept
from harness.bigquery.labels import check_labels
from harness.bigquery.loads.external_tables import changed_external, new_table
from harness.bigquery.partitions.partition_spec import partitioning_from_rest
from harness.bigquery.partitions.partitions import split_decorator
from harness.bigquery.rest.api import Reply, page_of, reply
from harness.bigquery.rest.resources import etag, table_item, table_resource
from harness.bigquery.rest.routes_datasets import check_etag
from harness.bigquery.rest.routes_rows import SUMMARY
from harness.bigquery.statements.schema_columns import PARTITIONS_SUMMARY, fields_of
from harness.bigquery.statements.views import KIND_KEPT, query_of, view_fields
from harness.bigquery.types import checked, schema_from_rest, schema_rest

if TYPE_CHECKING:
    from harness.bigquery.rest.api import Api, Call

_ID = re.compile(r"[\w \-]{1,1024}")
_OTHER_KINDS = (
    "snapshotDefinition",
    "cloneDefinition",
    "model",
    "maxStaleness",
    "defaultCollation",
    "biglakeConfiguration",
    "tableReplicationInfo",
)


def _ref(call: Call) -> TableRef:
    return TableRef(project=call.project, dataset=call.path["dataset"], table=call.path["table"])


def insert(api: Api, call: Call) -> Reply:
    """tables.insert."""
    resource = call.json()
    check_labels(resource)
    _refuse_other_kinds(resource)
    reference = resource.get("tableReference") or {}
    ref = TableRef(
        project=str(reference.get("projectId") or call.project),
        dataset=call.path["dataset"],
        table=str(reference.get("tableId") or ""),
    )
    if not _ID.fullmatch(ref.table):
        raise ApiError(
            "invalid",
            f'Invalid table ID "{ref.table}". Table IDs must be alphanumeric (plus underscores, '
            "dashes and spaces) and must be at most 1024 characters long.",
        )
    check_expiration(resource)
    with api.catalog.lock:
        dataset = api.catalog.dataset(ref.project, ref.dataset)
        if api.catalog.find_table(ref) is not None:
            raise ApiError("duplicate", f"Already Exists: Table {ref}")
        if resource.get("view") is not None:
            table = _view(api, ref, resource, dataset.location)
        elif resource.get("materializedView") is not None:
            table = _materialized(api, ref, resource, dataset.location)
        elif resource.get("externalDataConfiguration") is not None:
            table = new_table(api.catalog, ref, resource)
        else:
            table = _table(api, ref, resource)
        table = api.catalog.put_table(table)
    return _answer(api, table, dataset.location)


def _view(api: Api, ref: TableRef, resource: dict[str, Any], location: str) -> Table:
    query = query_of(resource)
    fields = checked(view_fields(api.catalog, query, project=ref.project, location=location))
    return Table(
        ref=ref,
        fields=_described(fields, resource),
        rows_in="",
        view=query,
        kept=kept(resource, TABLE_KEPT),
        created=now_ms(),
        modified=now_ms(),
    )


def _materialized(api: Api, ref: TableRef, resource: dict[str, Any], location: str) -> Table:
    """A materialized view, which is computed when it is read."""
    told = resource["materializedView"]
    query = query_of({"view": {**told, "useLegacySql": False}})
    view = _view(api, ref, {**resource, "view": {"query": query, "useLegacySql": False}}, location)
    refresh = {"enableRefresh": True, "refreshIntervalMs": "1800000", **told}
    return replace(view, kept={**view.kept, "materializedView": refresh})


def _described(fields: Any, resource: dict[str, Any]) -> Any:
    """The columns of a view with the descriptions that its resource gives them."""
    given = schema_from_rest(resource.get("schema"))
    texts = {one.name.lower(): one.description for one in given}
    return tuple(replace(one, description=texts.get(one.name.lower())) for one in fields)


def _table(api: Api, ref: TableRef, resource: dict[str, Any]) -> Table:
    fields = schema_from_rest(resource.get("schema"))
    time = resource.get("timePartitioning") or {}
    table = Table(
        ref=ref,
        fields=fields,
        rows_in="",
        partitioning=partitioning_from_rest(resource, fields=fields),
        clustering=clustering_of(resource, fields),
        require_filter=bool(
            resource.get("requirePartitionFilter") or time.get("requirePartitionFilter")
        ),
        kept=kept(resource, TABLE_KEPT),
        created=now_ms(),
        modified=now_ms(),
    )
    return replace(table, rows_in=api.catalog.database.create(fields, pseudo=table.pseudo))


def get(api: Api, call: Call) -> Reply:
    """tables.get, and the summary of a table's partitions."""
    ref = _ref(call)
    name, decorator = split_decorator(ref.table)
    with api.catalog.reading():
        table = api.catalog.table(replace(ref, table=name))
        location = api.catalog.dataset(ref.project, ref.dataset).location
        resource = table_resource(table, location=location, database=api.catalog.database)
    if decorator == SUMMARY:
        resource["tableReference"] = ref.rest()
        resource["id"] = str(ref)
        resource["schema"] = schema_rest(fields_of(PARTITIONS_SUMMARY))
        resource["numRows"] = str(len(table.partitions))
    elif decorator:
        # The whole table's facts, with the rows of the partition.
        rows = sum(part.rows for part in table.partitions if part.id == decorator)
        resource |= {"tableReference": ref.rest(), "numRows": str(rows)}
    return _shown(call, resource)


def _shown(call: Call, resource: dict[str, Any]) -> Reply:
    """The resource, of its schema only the ``selectedFields`` where the call has them."""
    if call.query.get("selectedFields"):
        wanted = call.query["selectedFields"].split(",")
        chosen = [one for one in resource["schema"]["fields"] if one["name"] in wanted]
        resource = {**resource, "schema": {"fields": chosen}}
    return reply(resource)


def list_all(api: Api, call: Call) -> Reply:
    """tables.list."""
    tables = api.catalog.tables(call.project, call.path["dataset"])
    shown, token = page_of(call, [table_item(table) for table in tables])
    answer = {"kind": "bigquery#tableList", "tables": shown, "totalItems": len(tables)}
    return reply({**answer, "nextPageToken": token} if token else answer)


def patch(api: Api, call: Call) -> Reply:
    """tables.patch: the parts that are given."""
    return _update(api, call, whole=False)


def update(api: Api, call: Call) -> Reply:
    """tables.update: everything."""
    return _update(api, call, whole=True)


def delete(api: Api, call: Call) -> Reply:
    """tables.delete, and of a partition where the name has a decorator."""
    ref = _ref(call)
    name, decorator = split_decorator(ref.table)
    with api.catalog.lock:
        table = api.catalog.table(replace(ref, table=name))
        check_etag(call, etag(table.version, table.modified))
        if decorator:
            delete_partition(api.catalog, table, decorator)
        else:
            api.catalog.remove_table(ref)
    return Reply(status=204)


def check_expiration(resource: dict[str, Any]) -> None:
    """Refuse an expiration that is over.

    Raises:
        ApiError: It is, or is not a number.
    """
    given = resource.get("expirationTime")
    if given in (None, "", "0", 0):
        return
    if not str(given).isdigit():
        raise ApiError("invalid", f"Invalid value for expirationTime: {given}")
    if int(str(given)) <= now_ms():
        raise ApiError("invalid", "Invalid value for expirationTime: it must be in the future")


def _refuse_other_kinds(resource: dict[str, Any]) -> None:
    for kind in _OTHER_KINDS:
        if resource.get(kind):
            raise UnsupportedError(f"a table with {kind}")


def _answer(api: Api, table: Table, location: str) -> Reply:
    return reply(table_resource(table, location=location, database=api.catalog.database))


def _update(api: Api, call: Call, *, whole: bool) -> Reply:
    resource = call.json()
    check_labels(resource)
    _refuse_other_kinds(resource)
    check_expiration(resource)
    with api.catalog.lock:
        old = api.catalog.table(_ref(call))
        check_etag(call, etag(old.version, old.modified))
        location = api.catalog.dataset(old.ref.project, old.ref.dataset).location
        # What a table is stays, whatever is said of it.
        own: dict[str, Any] = {name: old.kept[name] for name in KIND_KEPT if name in old.kept}
        if "materializedView" in own and resource.get("materializedView"):
            own["materializedView"] = {**own["materializedView"], **resource["materializedView"]}
        told = changed(old.kept, resource, TABLE_KEPT, whole=whole)
        new = replace(old, kept={**told, **own})
        if old.view is None and resource.get("view"):
            raise ApiError("invalid", f"Cannot change table {old.ref} to a view")
        if old.view is not None:
            query = query_of(resource) if resource.get("view") else old.view
            if "materializedView" in own:
                query = str(own["materializedView"]["query"])
            fields = old.fields
            if query != old.view:
                fields = checked(
                    view_fields(api.catalog, query, project=old.ref.project, location=location)
                )
            if resource.get("schema") is not None:
                fields = _described(fields, resource)
            new = replace(new, view=query, fields=fields)
        elif old.external is not None or resource.get("externalDataConfiguration"):
            new = changed_external(api.catalog, old, new, resource)
        else:
            new = changed_table(api.catalog, old, new, resource)
        new = api.catalog.put_table(new, counted=False)
    return _answer(api, new, location)
