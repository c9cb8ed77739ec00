"""What INFORMATION_SCHEMA tells of options, views, nested fields and jobs, as rows.

Columns and forms are those of the reference's pages on TABLE_OPTIONS, VIEWS, COLUMN_FIELD_PATHS
and JOBS; a column that is not here is refused by its name.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import Table
    from harness.bigquery.jobs.job import Job
    from harness.bigquery.types import Field

_DAY_MS = 86_400_000


def view_rows(table: Table) -> list[list[Any]]:
    """The cells of VIEWS behind the table's name."""
    return [] if table.view is None else [[table.view, None, "YES"]]


def option_rows(table: Table) -> list[list[Any]]:
    """The cells of TABLE_OPTIONS behind the table's name."""
    rows: list[list[Any]] = []
    expiration = table.partitioning.expiration if table.partitioning else None
    if expiration is not None:
        rows.append(["partition_expiration_days", "FLOAT64", str(int(expiration) / _DAY_MS)])
    if table.require_filter:
        rows.append(["require_partition_filter", "BOOL", "true"])
    if table.expires is not None:
        moment = datetime.fromtimestamp(table.expires / 1000, UTC)
        text = moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{moment.microsecond // 1000:03d}Z"
        rows.append(["expiration_timestamp", "TIMESTAMP", f'TIMESTAMP "{text}"'])
    for option, name in (("description", "description"), ("friendly_name", "friendlyName")):
        if table.kept.get(name):
            rows.append([option, "STRING", json.dumps(table.kept[name], ensure_ascii=False)])
    labels = table.kept.get("labels")
    if isinstance(labels, dict) and labels:
        pairs = ", ".join(
            f"STRUCT({json.dumps(key)}, {json.dumps(value)})" for key, value in labels.items()
        )
        rows.append(["labels", "ARRAY<STRUCT<STRING, STRING>>", f"[{pairs}]"])
    return rows


def path_rows(table: Table) -> list[list[Any]]:
    """The cells of COLUMN_FIELD_PATHS behind the table's name."""
    return [
        [column.name, path, field.declared_type, field.description]
        for column in table.fields
        for path, field in _paths(column, "")
    ]


def job_rows(catalog: Catalog, project: str, location: str) -> list[list[Any]]:
    """The rows of JOBS: the jobs of a project in a location, or in all where it is empty."""
    found = (
        job
        for job in catalog.jobs(project)
        if not location or job.location.lower() == location.lower()
    )
    return [_job_cells(job) for job in found]


def _paths(field: Field, prefix: str) -> Iterator[tuple[str, Field]]:
    path = prefix + field.name
    yield path, field
    for inner in field.fields:
        yield from _paths(inner, f"{path}.")


def _job_cells(job: Job) -> list[Any]:
    told, resource = job.statistics.get("query", {}), job.resource()
    return [
        job.created,
        job.project,
        resource["user_email"],
        job.id,
        resource["configuration"]["jobType"],
        told.get("statementType"),
        "INTERACTIVE",
        job.created,
        None if job.pending else job.ended,
        job.statement or None,
        "RUNNING" if job.pending else "DONE",
        job.bytes,
    ]
