"""What the log keeps of a call: written once, when it is answered."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from harness.bigquery.log import CallRecord, QueryRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.errors import ApiError
    from harness.bigquery.jobs.job import Job
    from harness.bigquery.rest.api import Reply

_MAKE_JOBS = ("jobs.insert", "jobs.query")


def call_record(
    method: str,
    path: str,
    operation: str,
    *,
    parts: Mapping[str, str],
    body: bytes,
    received: int,
    answer: Reply,
    error: ApiError | None,
    seconds: float,
    injected: bool,
) -> CallRecord:
    """The record of a call.

    Args:
        method: The HTTP method.
        path: The URL's path.
        operation: BigQuery's name, or nothing.
        parts: The parts of the path by name.
        body: The request's body.
        received: How many bytes came, where a large upload is not in the body.
        answer: What is sent.
        error: Why it was refused, or None.
        seconds: How long it took.
        injected: Whether a fault was met.
    """
    job = answer.job
    error = error or answer.error or (job.error if job else None)
    destination = job.destination if job else ""
    dataset, _, table = destination.partition(".")
    return CallRecord(
        at=time.time(),
        method=method,
        operation=operation,
        path=path,
        status=answer.status,
        project=parts.get("project", ""),
        dataset=parts.get("dataset", dataset),
        table=parts.get("table", table),
        job_id=job.id if job else parts.get("job", ""),
        statement=job.statement if job else _statement_of(operation, body),
        destination=destination,
        reason=error.reason if error else "",
        message=error.message if error else "",
        received=received,
        sent=len(answer.body),
        seconds=seconds,
        injected=injected,
    )


def query_record(record: CallRecord, answer: Reply) -> QueryRecord | None:
    """The record of the query that a call made, or None where it made none."""
    job = answer.job
    if record.operation not in _MAKE_JOBS or not record.statement:
        return None
    if job is None and (record.injected or record.reason == "duplicate"):
        # The statement was not looked at: the call met a fault, or its job is there already.
        return None
    if job is None:
        return QueryRecord(
            at=record.at,
            statement=record.statement,
            reason=record.reason,
            message=record.message,
        )
    told: Mapping[str, Any] = job.statistics.get("query") or {}
    return QueryRecord(
        at=record.at,
        statement=record.statement,
        type=str(told.get("statementType") or ""),
        tables=tuple(_named(one, job) for one in told.get("referencedTables") or ()),
        destination=record.destination,
        bytes_processed=job.bytes,
        bytes_billed=int(told.get("totalBytesBilled") or 0),
        rows=job.result.rows if job.result is not None else None,
        affected=job.affected,
        dry=bool(job.configuration.get("dryRun")),
        job_id=job.id,
        reason=record.reason,
        message=record.message,
    )


def _named(reference: Mapping[str, str], job: Job) -> str:
    name = f"{reference['datasetId']}.{reference['tableId']}"
    project = reference["projectId"]
    return name if project == job.project else f"{project}.{name}"


def _statement_of(operation: str, body: bytes) -> str:
    """The SQL of a request that was refused before it became a job."""
    from harness.bigquery.errors import ApiError  # noqa: PLC0415
    from harness.bigquery.rest.api import json_object  # noqa: PLC0415

    if operation not in _MAKE_JOBS:
        return ""
    try:
        content = json_object(body)
    except (ApiError, UnicodeDecodeError):
        return ""
    configuration = content.get("configuration")
    query = configuration.get("query") if isinstance(configuration, dict) else content.get("query")
    if isinstance(query, dict):
        query = query.get("query")
    return query if isinstance(query, str) else ""
