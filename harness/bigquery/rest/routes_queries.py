"""jobs.query and jobs.getQueryResults: the answers of queries, in pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.bigquery.bodies import whole
from harness.bigquery.errors import ApiError
from harness.bigquery.rest.api import Reply, reply
from harness.bigquery.rest.arrow_pages import ArrowOptions, arrow_options, arrow_page
from harness.bigquery.rest.routes_rows import format_options, int64_timestamps, with_rows
from harness.bigquery.rows import page
from harness.bigquery.types import schema_rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.jobs.job import Job
    from harness.bigquery.rest.api import Api, Call

# What jobs.query has beside the configuration of a query job.
_REQUEST_ONLY = (
    "arrowSerializationOptions",
    "formatOptions",
    "jobCreationMode",
    "kind",
    "location",
    "maxResults",
    "queryResultsFormat",
    "requestId",
    "timeoutMs",
)
_JOB_LEVEL = ("dryRun", "jobTimeoutMs", "labels", "maxSlots", "reservation")
_CREATION_MODES = (
    "JOB_CREATION_MODE_UNSPECIFIED",
    "JOB_CREATION_OPTIONAL",
    "JOB_CREATION_REQUIRED",
)


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """The page that a call asks for."""

    start: int = 0
    limit: int | None = None
    int64: bool = False
    arrow: ArrowOptions | None = None


def results(api: Api, call: Call) -> Reply:
    """jobs.getQueryResults; of a failed job it answers with the job's error."""
    kind = "bigquery#getQueryResultsResponse"
    wanted = _Wanted(
        start=call.integer("pageToken") or call.integer("startIndex", 0) or 0,
        limit=call.integer("maxResults"),
        int64=int64_timestamps(format_options(call)),
    )
    job = api.jobs.look(call.project, call.path["job"], location=call.query.get("location", ""))
    if "query" not in job.configuration:
        raise ApiError("invalid", f"Job {job.id} is not a query job")
    if job.pending:
        return _not_yet(job, kind=kind)
    if job.error is not None:
        raise job.error
    return _results(api, call, job, wanted, kind=kind)


def query(api: Api, call: Call) -> Reply:
    """jobs.query: a query job that is made and read in one call."""
    body = call.json()
    kind = "bigquery#queryResponse"
    _check(body)
    wanted = _Wanted(
        limit=whole(body, "maxResults"),
        int64=int64_timestamps(body.get("formatOptions")),
        arrow=arrow_options(body),
    )
    make = partial(api.jobs.insert, call.project, _resource(body), fault=call.fault)
    request = "" if body.get("dryRun") else str(body.get("requestId") or "")
    job = api.jobs.once(call.project, request, make) if request else make()
    if job.pending:
        return replace(_not_yet(job, kind=kind), job=job)
    if job.error is not None:
        return Reply(body=reply(job.error.body()).body, status=job.error.code, job=job)
    return replace(_results(api, call, job, wanted, kind=kind), job=job)


def _check(body: Mapping[str, Any]) -> None:
    mode = body.get("jobCreationMode")
    if mode not in (None, *_CREATION_MODES):
        raise ApiError("invalid", f"Invalid value for jobCreationMode: {mode}")
    # However little time the client gives, the query is done before the answer.
    whole(body, "timeoutMs")


def _resource(body: Mapping[str, Any]) -> dict[str, Any]:
    """The Job resource that a QueryRequest stands for."""
    configuration: dict[str, Any] = {
        "query": {
            name: value for name, value in body.items() if name not in (*_REQUEST_ONLY, *_JOB_LEVEL)
        },
        **{name: body[name] for name in _JOB_LEVEL if name in body},
    }
    if "useLegacySql" not in body:
        # The default of this method, unlike that of the client, is legacy SQL.
        configuration["query"]["useLegacySql"] = True
    reference = {"location": body["location"]} if body.get("location") else {}
    return {"configuration": configuration, "jobReference": reference}


def _not_yet(job: Job, *, kind: str) -> Reply:
    return reply({"kind": kind, "jobReference": job.reference(), "jobComplete": False})


def _head(job: Job, *, kind: str) -> dict[str, Any]:
    statistics = job.statistics.get("query", {})
    head: dict[str, Any] = {
        "kind": kind,
        "etag": f'"{job.ended:x}"',
        "jobReference": job.reference(),
        "jobComplete": True,
        "totalBytesProcessed": str(job.bytes),
        "cacheHit": False,
        "schema": statistics.get("schema") or {"fields": []},
        "totalRows": "0",
        "location": job.location,
    }
    if kind == "bigquery#queryResponse":
        head["queryId"] = f"job_{job.id}"
        head["jobCreationReason"] = {"code": "REQUESTED"}
        head["creationTime"] = head["startTime"] = str(job.created)
        head["endTime"] = str(job.ended)
        head["totalBytesBilled"] = statistics.get("totalBytesBilled", "0")
    if job.affected is not None:
        head["numDmlAffectedRows"] = str(job.affected)
    if "dmlStats" in statistics:
        head["dmlStats"] = statistics["dmlStats"]
    return head


def _results(api: Api, call: Call, job: Job, wanted: _Wanted, *, kind: str) -> Reply:
    head = _head(job, kind=kind)
    if job.result is None:
        ddl = job.statistics.get("query", {}).get("ddlOperationPerformed")
        if job.affected is not None or ddl:
            del head["totalRows"]
        return reply(head)
    with api.catalog.reading():
        table = api.catalog.table(job.result.ref)
        head["schema"] = schema_rest(table.fields)
        head["totalRows"] = str(table.rows)
        if wanted.arrow is not None:
            first = arrow_page(api.catalog.database, table, wanted.arrow, limit=wanted.limit)
            return reply({**head, **first})
        shown = page(
            api.catalog.database,
            table,
            fields=table.fields,
            start=wanted.start,
            limit=wanted.limit,
            int64_timestamps=wanted.int64,
        )
    if shown.next is not None:
        head["pageToken"] = str(shown.next)
    return with_rows(call, head, shown.json)
