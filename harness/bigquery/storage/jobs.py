"""The stream that a query job has without any session, from which the rest of its answer is read.

google-cloud-bigquery reads ``projects/P/locations/L/jobs/J/streams/_default`` when the first page
of an ``ARROW`` answer is not all of it (its ``_arrow_query``).
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.storage.columns import arrow_schema, column_sql
from harness.bigquery.storage.make import measure
from harness.bigquery.storage.session import ReadSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.jobs.jobs import JobStore
    from harness.bigquery.storage.session import Stream
    from harness.bigquery.storage.sessions import ReadSessions

_NAME = re.compile(r"projects/([^/]+)/locations/([^/]+)/jobs/([^/]+)/streams/_default")


def is_of_job(name: str) -> bool:
    """Whether a stream's name is that of a job's own stream."""
    return _NAME.fullmatch(name) is not None


@contextmanager
def job_stream(
    catalog: Catalog, jobs: JobStore, sessions: ReadSessions, name: str
) -> Iterator[tuple[ReadSession, Stream] | None]:
    """The stream of a job's answer, for as long as it is read; None for an answer without rows.

    Args:
        catalog: The catalog.
        jobs: The jobs.
        sessions: Where it is kept meanwhile.
        name: The stream's name.

    Raises:
        ApiError: There is no such job, it failed, or its answer is not kept with it.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise ApiError("notFound", f"Not found: Stream {name}")
    job = jobs.look(found[1], found[3], location=found[2])
    if job.pending:
        raise ApiError("backendError", f"Job {job.id} is not done")
    if job.error is not None:
        raise job.error
    if job.result is None:
        yield None
        return
    if job.destination:
        raise ApiError(
            "invalid", "This API does not support explicitly-specified destination tables"
        )
    with catalog.lock:
        table = catalog.table(job.result.ref)
        session = ReadSession(
            name=name.removesuffix("/streams/_default"),
            table=table,
            columns=tuple(column_sql(table, field) for field in table.fields),
            conditions=(),
            schema=arrow_schema(table.fields),
        )
        rows = sessions.hold(session)
    try:
        measure(catalog, session, rows)
        yield session, session.add(0, rows)
    finally:
        sessions.let_go(session)
