"""The stream of a job: the answer of a query, read without a session.

The name and its rules are those that google-cloud-bigquery's ``_arrow_query`` has for answers in
Arrow, whose first rows came with jobs.query.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.bigquery.entries import HIDDEN
from harness.bigquery.errors import ApiError
from harness.bigquery.storage_columns import arrow_schema, column_sql
from harness.bigquery.storage_sessions import ReadSession, Stream

if TYPE_CHECKING:
    from harness.bigquery.catalog import Catalog

_NAME = re.compile(r"projects/([^/]+)/locations/([^/]+)/jobs/([^/]+)/streams/_default")


def job_stream(catalog: Catalog, name: str) -> tuple[ReadSession, Stream] | None:
    """The stream of a job as a session of its own; None where the name is not that of one.

    An answer never changes, so that nothing has to be held for who reads it.

    Raises:
        ApiError: There is no such job, it failed, or its answer went into a table of the client's.
    """
    found = _NAME.fullmatch(name)
    if not found:
        return None
    job = catalog.job(found[1], found[3], found[2])
    if job.error is not None and not job.pending:
        raise job.error
    if job.result is None:
        raise ApiError("invalid", f"Job {job.project}:{job.id} has no rows to read")
    if job.result.ref.dataset != HIDDEN:
        raise ApiError(
            "invalid", "This API does not support explicitly-specified destination tables."
        )
    table = catalog.table(job.result.ref)
    session = ReadSession(
        name=name.removesuffix("/streams/_default"),
        table=table,
        columns=tuple(column_sql(table, one) for one in table.fields),
        conditions=(),
        schema=arrow_schema(table.fields),
    )
    return session, Stream(name=name, low=0, high=table.rows)
