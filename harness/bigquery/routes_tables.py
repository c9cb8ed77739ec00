"""The operations on tables and their rows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.api import Reply, page_of, reply
from harness.bigquery.entries import Table, TableRef, now_ms
from harness.bigquery.errors import ApiError, UnsupportedError, not_found_table
from harness.bigquery.information_schema import (
    PARTITIONS_SUMMARY,
    fields_of,
    partition_rows,
)
from harness.bigquery.loads import Source, load
from harness.bigquery.partitions import partitioning_from_rest, split_decorator
from harness.bigquery.resources import TABLE_KEPT, etag, kept, table_item, table_resource
from harness.bigquery.routes_datasets import check_etag
from harness.bigquery.rows import page
from harness.bigquery.schemas import change_schema, merged_schema
from harness.bigquery.types import schema_from_rest, schema_rest

if TYPE_CHECKING:
    from harness.bigquery.api import Api, Call

_ID = re.compile(r"[\w \-]{1,1024}")
_SUMMARY = "__PARTITIONS_SUMMARY__"
_OTHER_KINDS = ("view", "materializedView", "externalDataConfiguration", "snapshotDefinition")


def _ref(call: Call) -> TableRef:
    return TableRef(project=call.project, dataset=call.path["dataset"], table=call.path["table"])


def insert(api: Api, call: Call) -> Reply:
    """tables.insert."""
    resource = call.json()
    for kind in _OTHER_KINDS:
        if resource.get(kind):
            raise UnsupportedError(f"a table with {kind}")
    reference = resource.get("tableReference") or {}
    ref = TableRef(
        project=str(reference.get("projectId") or call.project),
        dataset=call.path["dataset"],
        table=str(reference.get("tableId") or ""),
    )
    if not _ID.fullmatch(ref.table):
        raise ApiError("invalid", f'Invalid table ID "{ref.table}".')
    fields = schema_from_rest(resource.get("schema"))
    partitioning = partitioning_from_rest(resource, fields=fields)
    time = resource.get("timePartitioning") or {}
    moment = now_ms()
    with api.catalog.lock:
        dataset = api.catalog.dataset(ref.project, ref.dataset)
        if api.catalog.find_table(ref) is not None:
            raise ApiError("duplicate", f"Already Exists: Table {ref}")
        table = Table(
            ref=ref,
            fields=fields,
            rows_in="",
            partitioning=partitioning,
            clustering=tuple((resource.get("clustering") or {}).get("fields") or ()),
            require_filter=bool(
                resource.get("requirePartitionFilter") or time.get("requirePartitionFilter")
            ),
            kept=kept(resource, TABLE_KEPT),
            created=moment,
            modified=moment,
        )
        rows_in = api.catalog.database.create(fields, pseudo=table.pseudo)
        table = api.catalog.put_table(replace(table, rows_in=rows_in))
    return _answer(api, table, dataset.location)


def get(api: Api, call: Call) -> Reply:
    """tables.get, and the summary of a table's partitions."""
    ref = _ref(call)
    name, decorator = split_decorator(ref.table)
    table = api.catalog.table(replace(ref, table=name))
    location = api.catalog.dataset(ref.project, ref.dataset).location
    if decorator == _SUMMARY:
        resource = table_resource(table, location=location, database=api.catalog.database)
        resource["tableReference"] = ref.rest()
        resource["id"] = str(ref)
        resource["schema"] = schema_rest(fields_of(PARTITIONS_SUMMARY))
        resource["numRows"] = str(len(table.partitions))
        return reply(resource)
    if decorator:
        # The whole table's facts, with the rows of the partition.
        rows = sum(part.rows for part in table.partitions if part.id == decorator)
        resource = table_resource(table, location=location, database=api.catalog.database)
        return reply({**resource, "tableReference": ref.rest(), "numRows": str(rows)})
    return _answer(api, table, location)


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
    """tables.delete."""
    ref = _ref(call)
    if "$" in ref.table:
        raise UnsupportedError(f"deleting the partition {ref.table}")
    api.catalog.remove_table(ref)
    return Reply(status=204)


def rows(api: Api, call: Call) -> Reply:
    """tabledata.list."""
    ref = _ref(call)
    name, decorator = split_decorator(ref.table)
    selected = [one for one in call.query.get("selectedFields", "").split(",") if one]
    start = call.integer("pageToken") or call.integer("startIndex", 0) or 0
    limit = call.integer("maxResults")
    with api.catalog.reading():
        table = api.catalog.table(replace(ref, table=name))
        if decorator == _SUMMARY:
            return _summary_rows(table, selected, start, limit)
        if decorator:
            raise UnsupportedError(f"rows of the partition {ref.table}")
        fields = table.fields
        if selected:
            known = {field.name.lower(): field for field in table.fields}
            for one in selected:
                if one.lower() not in known:
                    raise ApiError("invalid", f"No such field: {one}", location="selectedFields")
            wanted = {one.lower() for one in selected}
            fields = tuple(field for field in table.fields if field.name.lower() in wanted)
        shown = page(
            api.catalog.database,
            table,
            fields=fields,
            start=start,
            limit=limit,
            int64_timestamps=call.flag("formatOptions.useInt64Timestamp"),
        )
    head: dict[str, Any] = {
        "kind": "bigquery#tableDataList",
        "etag": etag(table.version, table.modified),
        "totalRows": str(table.rows),
    }
    if shown.next is not None:
        head["pageToken"] = str(shown.next)
    return with_rows(head, shown.json)


def with_rows(head: dict[str, Any], content: str) -> Reply:
    """An answer whose rows are JSON already; without any, the real one has no ``rows`` either."""
    text = json.dumps(head)
    if not content:
        return Reply(body=text.encode())
    return Reply(body=f'{text[:-1]}, "rows": [{content}]}}'.encode())


def insert_all(api: Api, call: Call) -> Reply:
    """tabledata.insertAll: all rows or none, each row that does not fit is told."""
    body = call.json()
    given = body.get("rows")
    if not isinstance(given, list) or not given:
        raise ApiError("invalid", "Empty rows", location="rows")
    if body.get("skipInvalidRows") or body.get("templateSuffix"):
        raise UnsupportedError("insertAll with skipInvalidRows or templateSuffix")
    ref = _ref(call)
    table = api.catalog.find_table(ref)
    if table is None:
        api.catalog.dataset(ref.project, ref.dataset)
        raise not_found_table(str(ref))
    path = api.uploads.file()
    try:
        lines = "\n".join(json.dumps((one or {}).get("json") or {}) for one in given)
        path.write_text(lines, "utf-8")
        load(
            api.catalog,
            {
                "sourceFormat": "NEWLINE_DELIMITED_JSON",
                "schema": schema_rest(table.fields),
                "ignoreUnknownValues": bool(body.get("ignoreUnknownValues")),
            },
            ref=ref,
            partition="",
            source=Source(paths=(path,)),
            gcs_endpoint=None,
        )
    except ApiError as error:
        if isinstance(error, UnsupportedError):
            raise
        message = error.details[-1]["message"] if error.details else error.message
        told = {"reason": "invalid", "location": "", "debugInfo": "", "message": message}
        errors = [{"index": number, "errors": [told]} for number in range(len(given))]
        answer = reply({"kind": "bigquery#tableDataInsertAllResponse", "insertErrors": errors})
        return replace(answer, error=error)
    finally:
        path.unlink(missing_ok=True)
    return reply({"kind": "bigquery#tableDataInsertAllResponse"})


def _summary_rows(table: Table, selected: list[str], start: int, limit: int | None) -> Reply:
    names = [name for name, _ in PARTITIONS_SUMMARY]
    chosen = [number for number, name in enumerate(names) if not selected or name in selected]
    facts = partition_rows(table)
    stop = len(facts) if limit is None else min(start + limit, len(facts))
    items = [{"f": [{"v": str(row[number])} for number in chosen]} for row in facts[start:stop]]
    answer: dict[str, Any] = {
        "kind": "bigquery#tableDataList",
        "totalRows": str(len(facts)),
        "rows": items,
    }
    return reply({**answer, "pageToken": str(stop)} if stop < len(facts) else answer)


def _answer(api: Api, table: Table, location: str) -> Reply:
    return reply(table_resource(table, location=location, database=api.catalog.database))


def _update(api: Api, call: Call, *, whole: bool) -> Reply:
    resource = call.json()
    with api.catalog.lock:
        old = api.catalog.table(_ref(call))
        check_etag(call, etag(old.version, old.modified))
        new = old
        given = kept(resource, TABLE_KEPT)
        new = replace(new, kept=given if whole else {**old.kept, **given})
        if "requirePartitionFilter" in resource:
            new = replace(new, require_filter=bool(resource["requirePartitionFilter"]))
        if "clustering" in resource:
            names = (resource["clustering"] or {}).get("fields") or ()
            new = replace(new, clustering=tuple(names))
        partitioning = partitioning_from_rest(resource, fields=old.fields)
        if partitioning is not None:
            told = old.partitioning.described() if old.partitioning else "none"
            if partitioning.described() != told:
                raise ApiError("invalid", "Cannot change partitioning spec of a table")
            new = replace(new, partitioning=partitioning)
        if resource.get("schema") is not None:
            merged = merged_schema(
                old,
                schema_from_rest(resource["schema"]),
                updates=("ALLOW_FIELD_ADDITION", "ALLOW_FIELD_RELAXATION"),
                complete=True,
            )
            with api.catalog.database.cursor() as cursor:
                cursor.execute("BEGIN")
                change_schema(cursor, old, merged)
                cursor.execute("COMMIT")
            new = replace(new, fields=merged)
        new = api.catalog.put_table(new, counted=False)
        location = api.catalog.dataset(new.ref.project, new.ref.dataset).location
    return _answer(api, new, location)
