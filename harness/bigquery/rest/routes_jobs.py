"""The operations on jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.rest.api import Reply, reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.bigquery.jobs.job import Job
    from harness.bigquery.rest.api import Api, Call

_STATES = ("done", "pending", "running")
_PROJECTIONS = ("", "full", "minimal")


def insert(api: Api, call: Call) -> Reply:
    """jobs.insert: what is wrong with the job's content is told by its status."""
    job = api.jobs.insert(call.project, call.json(), fault=call.fault)
    return reply(job.resource(), job=job)


def get(api: Api, call: Call) -> Reply:
    """jobs.get."""
    job = api.jobs.look(call.project, call.path["job"], location=call.query.get("location", ""))
    return reply(job.resource())


def list_all(api: Api, call: Call) -> Reply:
    """jobs.list: the newest first; a page begins behind the job that ended the last one."""
    if call.query.get("projection", "").lower() not in _PROJECTIONS:
        raise ApiError("invalid", f"Invalid value for projection: {call.query['projection']}")
    size = call.integer("maxResults")
    last = call.query.get("pageToken", "")
    found = list(_wanted(api, call))
    if last:
        places = [place for place, job in enumerate(found) if job.id == last]
        if not places:
            raise ApiError("invalid", f"Invalid value for pageToken: {last}", location="pageToken")
        found = found[places[0] + 1 :]
    shown = found if size is None else found[: max(size, 1)]
    answer: dict[str, Any] = {"kind": "bigquery#jobList", "jobs": [_item(job) for job in shown]}
    if len(shown) < len(found):
        answer["nextPageToken"] = shown[-1].id
    return reply(answer)


def _wanted(api: Api, call: Call) -> Iterator[Job]:
    states = {one for one in call.query.get("stateFilter", "").lower().split(",") if one}
    if not states <= set(_STATES):
        raise ApiError("invalid", f"Invalid value for stateFilter: {call.query['stateFilter']}")
    low, high = call.integer("minCreationTime"), call.integer("maxCreationTime")
    for job in api.jobs.all(call.project):
        # A child of a script is shown only where its script is asked for.
        if job.statistics.get("parentJobId", "") != call.query.get("parentJobId", ""):
            continue
        if (low is not None and job.created < low) or (high is not None and job.created > high):
            continue
        if not states or job.state.lower() in states:
            yield job


def _item(job: Job) -> dict[str, Any]:
    item = {**job.resource(), "state": job.state}
    if job.error is not None and not job.pending:
        item["errorResult"] = job.error.proto()
    return item


def cancel(api: Api, call: Call) -> Reply:
    """jobs.cancel: of a job that is done it changes nothing."""
    job = api.jobs.cancel(call.project, call.path["job"], location=call.query.get("location", ""))
    return reply({"kind": "bigquery#jobCancelResponse", "job": job.resource()})


def delete(api: Api, call: Call) -> Reply:
    """jobs.delete."""
    api.jobs.remove(call.project, call.path["job"])
    return Reply(status=204)
