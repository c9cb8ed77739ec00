"""The operations on the rows of a table: reading them in pages, and streaming some in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.entries import TableRef
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.partitions.partitions import split_decorator
from harness.bigquery.rest.api import Reply, reply
from harness.bigquery.rest.partial import chosen, mask_of
from harness.bigquery.rest.resources import etag
from harness.bigquery.rest.streaming import stream
from harness.bigquery.rows import page
from harness.bigquery.statements.schema_columns import PARTITIONS_SUMMARY
from harness.bigquery.statements.schema_tables import partition_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.entries import Table
    from harness.bigquery.rest.api import Api, Call
    from harness.bigquery.types import Field

SUMMARY = "__PARTITIONS_SUMMARY__"
_UNSPECIFIED = "TIMESTAMP_OUTPUT_FORMAT_UNSPECIFIED"


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
        if table.external is not None:
            raise ApiError("invalid", "Cannot list a table of type EXTERNAL.")
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
            int64_timestamps=int64_timestamps(format_options(call)),
            partition=where,
        )
    head: dict[str, Any] = {
        "kind": "bigquery#tableDataList",
        "etag": etag(table.version, table.modified),
        "totalRows": str(shown.total),
    }
    if shown.next is not None:
        head["pageToken"] = str(shown.next)
    return with_rows(call, head, shown.json)


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


def format_options(call: Call) -> dict[str, str]:
    """The DataFormatOptions in a call's query."""
    head = "formatOptions."
    return {
        name.removeprefix(head): value
        for name, value in call.query.items()
        if name.startswith(head)
    }


def int64_timestamps(options: Mapping[str, Any] | None) -> bool:
    """Whether a TIMESTAMP is told in whole microseconds, by DataFormatOptions.

    Raises:
        ApiError: Both options are given, or one of them has no such value.
    """
    given = options or {}
    form = given.get("timestampOutputFormat") or _UNSPECIFIED
    whole = str(given.get("useInt64Timestamp", False)).lower() == "true"
    if form != _UNSPECIFIED and whole:
        raise ApiError(
            "invalid", "Cannot specify both useInt64Timestamp and timestampOutputFormat."
        )
    if form == "ISO8601_STRING":
        raise UnsupportedError("timestampOutputFormat ISO8601_STRING")
    if form not in ("INT64", "FLOAT64", _UNSPECIFIED):
        raise ApiError("invalid", f"Invalid value for timestampOutputFormat: {form}")
    return whole or form == "INT64"


def with_rows(call: Call, head: dict[str, Any], content: str) -> Reply:
    """An answer whose rows are JSON already; without any, the real one has no ``rows`` either."""
    mask = mask_of(call)
    # Rows are many: they are read again only where parts of them are asked for.
    partial = not mask.get("rows") and "*" not in mask
    text = json.dumps(chosen(head, mask) if partial else head)
    if not content or (mask and partial and "rows" not in mask):
        return Reply(body=text.encode(), partial=partial)
    comma = ", " if text != "{}" else ""
    return Reply(body=f'{text[:-1]}{comma}"rows": [{content}]}}'.encode(), partial=partial)


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
