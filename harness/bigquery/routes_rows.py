"""The operations on the rows of a table: reading them in pages, and streaming some in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.api import Reply, reply
from harness.bigquery.entries import TableRef
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.information_schema import PARTITIONS_SUMMARY, partition_rows
from harness.bigquery.partitions import split_decorator
from harness.bigquery.resources import etag
from harness.bigquery.rows import page
from harness.bigquery.streaming import stream

if TYPE_CHECKING:
    from harness.bigquery.api import Api, Call
    from harness.bigquery.entries import Table
    from harness.bigquery.types import Field

SUMMARY = "__PARTITIONS_SUMMARY__"


def _ref(call: Call) -> TableRef:
    return TableRef(project=call.project, dataset=call.path["dataset"], table=call.path["table"])


def rows(api: Api, call: Call) -> Reply:
    """tabledata.list."""
    ref = _ref(call)
    name, decorator = split_decorator(ref.table)
    selected = [one for one in call.query.get("selectedFields", "").split(",") if one]
    start = call.integer("pageToken") or call.integer("startIndex", 0) or 0
    limit = call.integer("maxResults")
    with api.catalog.reading():
        table = api.catalog.table(replace(ref, table=name))
        if table.view is not None:
            raise ApiError("invalid", "Cannot list a table of type VIEW.")
        if decorator == SUMMARY:
            return _summary_rows(table, selected, start, limit)
        where = ""
        if decorator:
            if table.partitioning is None:
                raise ApiError("invalid", f"Invalid table ID {ref.table}: it has no partitions")
            where = decorator
        shown = page(
            api.catalog.database,
            table,
            fields=chosen_fields(table.fields, selected),
            start=start,
            limit=limit,
            int64_timestamps=call.flag("formatOptions.useInt64Timestamp"),
            partition=where,
        )
    head: dict[str, Any] = {
        "kind": "bigquery#tableDataList",
        "etag": etag(table.version, table.modified),
        "totalRows": str(shown.total),
    }
    if shown.next is not None:
        head["pageToken"] = str(shown.next)
    return with_rows(head, shown.json)


def chosen_fields(fields: tuple[Field, ...], selected: list[str]) -> tuple[Field, ...]:
    """The columns that ``selectedFields`` names, in the table's order; all where it is empty.

    Raises:
        ApiError: One is not there.
        UnsupportedError: One is a part of a STRUCT.
    """
    if not selected:
        return fields
    known = {field.name.lower() for field in fields}
    for one in selected:
        if "." in one and one.partition(".")[0].lower() in known:
            raise UnsupportedError(f"selectedFields with a part of a STRUCT: {one}")
        if one.lower() not in known:
            raise ApiError("invalid", f"No such field: {one}", location="selectedFields")
    wanted = {one.lower() for one in selected}
    return tuple(field for field in fields if field.name.lower() in wanted)


def with_rows(head: dict[str, Any], content: str) -> Reply:
    """An answer whose rows are JSON already; without any, the real one has no ``rows`` either."""
    text = json.dumps(head)
    if not content:
        return Reply(body=text.encode())
    return Reply(body=f'{text[:-1]}, "rows": [{content}]}}'.encode())


def insert_all(api: Api, call: Call) -> Reply:
    """tabledata.insertAll."""
    errors = stream(api.catalog, api.streamed, call.json(), ref=_ref(call), uploads=api.uploads)
    answer: dict[str, Any] = {"kind": "bigquery#tableDataInsertAllResponse"}
    if not errors:
        return reply(answer)
    told = next(one for row in errors for one in row["errors"] if one["reason"] != "stopped")
    error = ApiError("invalid", told["message"], location=told["location"])
    return replace(reply({**answer, "insertErrors": errors}), error=error)


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
