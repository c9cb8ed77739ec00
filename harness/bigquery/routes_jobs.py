"""The operations on jobs and the answers of queries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.api import Reply, page_of, reply
from harness.bigquery.errors import ApiError
from harness.bigquery.routes_rows import with_rows
from harness.bigquery.rows import page
from harness.bigquery.types import schema_rest

if TYPE_CHECKING:
    from harness.bigquery.api import Api, Call
    from harness.bigquery.job import Job

# What jobs.query has beside the configuration of a query job.
_REQUEST_ONLY = (
    "formatOptions",
    "jobCreationMode",
    "kind",
    "location",
    "maxResults",
    "requestId",
    "timeoutMs",
)
_JOB_LEVEL = ("dryRun", "labels", "jobTimeoutMs")


def insert(api: Api, call: Call) -> Reply:
    """jobs.insert: what is wrong with the job's content is told by its status."""
    job = api.jobs.insert(call.project, call.json(), fault=call.fault)
    return reply(job.resource(), job=job)


def get(api: Api, call: Call) -> Reply:
    """jobs.get."""
    job = api.jobs.look(call.project, call.path["job"], location=call.query.get("location", ""))
    return reply(job.resource())


def list_all(api: Api, call: Call) -> Reply:
    """jobs.list."""
    states = call.query.get("stateFilter", "").lower()
    low, high = call.integer("minCreationTime"), call.integer("maxCreationTime")
    items = []
    for job in api.jobs.all(call.project):
        state = "RUNNING" if job.pending else "DONE"
        if states and states != state.lower():
            continue
        # A child of a script is shown only where its script is asked for.
        if job.statistics.get("parentJobId", "") != call.query.get("parentJobId", ""):
            continue
        if (low is not None and job.created < low) or (high is not None and job.created > high):
            continue
        item = {**job.resource(), "state": state}
        if job.error is not None and not job.pending:
            item["errorResult"] = job.error.proto()
        items.append(item)
    shown, token = page_of(call, items)
    answer = {"kind": "bigquery#jobList", "jobs": shown}
    return reply({**answer, "nextPageToken": token} if token else answer)


def cancel(api: Api, call: Call) -> Reply:
    """jobs.cancel: of a job that is done it changes nothing."""
    job = api.jobs.cancel(call.project, call.path["job"], location=call.query.get("location", ""))
    return reply({"kind": "bigquery#jobCancelResponse", "job": job.resource()})


def delete(api: Api, call: Call) -> Reply:
    """jobs.delete."""
    api.jobs.remove(call.project, call.path["job"])
    return Reply(status=204)


def results(api: Api, call: Call) -> Reply:
    """jobs.getQueryResults; of a failed job it answers with the job's error."""
    job = api.jobs.look(call.project, call.path["job"], location=call.query.get("location", ""))
    if "query" not in job.configuration:
        raise ApiError("invalid", f"Job {job.id} is not a query job")
    if job.pending:
        return _not_yet(job, kind="bigquery#getQueryResultsResponse")
    if job.error is not None:
        raise job.error
    start = call.integer("pageToken") or call.integer("startIndex", 0) or 0
    return _results(
        api,
        job,
        start=start,
        limit=call.integer("maxResults"),
        int64=call.flag("formatOptions.useInt64Timestamp"),
        kind="bigquery#getQueryResultsResponse",
    )


def query(api: Api, call: Call) -> Reply:
    """jobs.query: a query job that is made and read in one call."""
    body = call.json()
    if body.get("queryResultsFormat") not in (None, "", "STRUCT_ENCODING"):
        raise ApiError("notImplemented", "Not supported by the BigQuery stub: queryResultsFormat")
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
    resource = {"configuration": configuration, "jobReference": reference}
    request = str(body.get("requestId") or "")
    before = api.jobs.of_request(call.project, request) if request else None
    job = before or api.jobs.insert(call.project, resource, fault=call.fault)
    if request and not body.get("dryRun"):
        api.jobs.remember(call.project, request, job)
    if job.pending:
        return replace(_not_yet(job, kind="bigquery#queryResponse"), job=job)
    if job.error is not None:
        return Reply(body=reply(job.error.body()).body, status=job.error.code, job=job)
    limit = body.get("maxResults")
    answer = _results(
        api,
        job,
        start=0,
        limit=None if limit is None else int(limit),
        int64=bool((body.get("formatOptions") or {}).get("useInt64Timestamp")),
        kind="bigquery#queryResponse",
    )
    return Reply(body=answer.body, job=job)


def _not_yet(job: Job, *, kind: str) -> Reply:
    return reply({"kind": kind, "jobReference": job.reference(), "jobComplete": False})


def _results(api: Api, job: Job, *, start: int, limit: int | None, int64: bool, kind: str) -> Reply:
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
        "errors": [],
        "location": job.location,
    }
    del head["errors"]
    if job.affected is not None:
        head["numDmlAffectedRows"] = str(job.affected)
    if job.result is None:
        if job.affected is not None or statistics.get("ddlOperationPerformed"):
            del head["totalRows"]
        return reply(head)
    with api.catalog.reading():
        table = api.catalog.table(job.result.ref)
        head["schema"] = schema_rest(table.fields)
        head["totalRows"] = str(table.rows)
        shown = page(
            api.catalog.database,
            table,
            fields=table.fields,
            start=start,
            limit=limit,
            int64_timestamps=int64,
        )
    if shown.next is not None:
        head["pageToken"] = str(shown.next)
    return with_rows(head, shown.json)
