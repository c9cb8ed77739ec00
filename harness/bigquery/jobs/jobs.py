"""Jobs: made once, done at once, and told ever after."""

from __future__ import annotations

import threading
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.entries import HIDDEN, TableRef, now_ms
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.jobs.job import Job, checked_configuration, kind_of, statement_of
from harness.bigquery.jobs.job_files import run_copy, run_extract, run_load
from harness.bigquery.jobs.job_query import run_query
from harness.bigquery.jobs.job_shelf import JobShelf
from harness.bigquery.jobs.requests import Requests
from harness.bigquery.statements import queries
from harness.bigquery.statements.statement import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.faults import Fault
    from harness.bigquery.loads.loads import Source
    from harness.bigquery.statements.script import Script

# BigQuery keeps an anonymous result for a day; here the newest are enough.
_KEPT_RESULTS = 500


class JobStore:
    """All jobs of all clients."""

    def __init__(self, catalog: Catalog, *, gcs_endpoint: str | None) -> None:
        self.catalog = catalog
        self.gcs_endpoint = gcs_endpoint
        self._lock = threading.Lock()
        self._jobs = JobShelf()
        self._requests = Requests()
        self._results: list[TableRef] = []
        catalog.jobs = self.all
        catalog.gcs_endpoint = gcs_endpoint

    def get(self, project: str, job_id: str, *, location: str | None = "") -> Job:
        """A job.

        Args:
            project: Where it was made.
            job_id: Its id.
            location: Where the client looks for it; empty where it does not say, None anywhere.

        Raises:
            ApiError: There is none of that id, or not there.
        """
        with self._lock:
            return self._found(project, job_id, location)

    def _found(self, project: str, job_id: str, location: str | None) -> Job:
        """The same while the lock is held."""
        job = self._jobs.get((project, job_id))
        if job is None or not job.is_found_in(location, home=self.catalog.location):
            name = f"{location}.{job_id}" if location else job_id
            raise ApiError("notFound", f"Not found: Job {project}:{name}")
        return job

    def look(self, project: str, job_id: str, *, location: str = "") -> Job:
        """A job as a client sees it that polls; one that is to fail comes nearer to it.

        Raises:
            ApiError: There is none of that id, or not there.
        """
        with self._lock:
            job = self._found(project, job_id, location)
            if job.pending:
                self._jobs[project, job_id] = replace(job, pending=job.pending - 1, ended=now_ms())
        return job

    def cancel(self, project: str, job_id: str, *, location: str = "") -> Job:
        """End a job that is not done; one that is done stays as it is.

        Raises:
            ApiError: There is none of that id, or not there.
        """
        error = ApiError("stopped", "Job execution was cancelled: User requested cancellation")
        with self._lock:
            job = self._found(project, job_id, location)
            if job.pending:
                job = replace(job, pending=0, error=error, ended=now_ms())
                self._jobs[project, job_id] = job
        return job

    def all(self, project: str) -> list[Job]:
        """The jobs of a project, the newest first."""
        with self._lock:
            found = [job for job in self._jobs.values() if job and job.project == project]
        return found[::-1]

    def once(self, project: str, request: str, make: Callable[[], Job]) -> Job:
        """The job of a ``requestId``: the first call makes it, the others wait for it."""

        def find(job_id: str) -> Job | None:
            with self._lock:
                return self._jobs.get((project, job_id))

        return self._requests.once((project, request), make=make, find=find)

    def remove(self, project: str, job_id: str) -> None:
        """Forget a job.

        Raises:
            ApiError: There is none of that id.
        """
        with self._lock:
            self._found(project, job_id, None)
            del self._jobs[project, job_id]

    def add(self, job: Job) -> None:
        """Add a job that is done: a child of a script."""
        with self._lock:
            self._jobs[job.project, job.id] = job
        if job.result is not None and job.result.ref.dataset == HIDDEN:
            self._limit(job.result.ref)

    def clear(self) -> None:
        """Forget all jobs."""
        with self._lock:
            self._jobs.clear()
            self._requests.clear()
            self._results.clear()

    def known(self) -> tuple[tuple[str, str], ...]:
        """Project and id of each job, for ``forget_others``."""
        with self._lock:
            return tuple(self._jobs)

    def forget_others(self, known: tuple[tuple[str, str], ...]) -> None:
        """Forget the jobs that are not among these."""
        with self._lock:
            for name in set(self._jobs) - set(known):
                del self._jobs[name]
            self._requests.clear()

    def insert(
        self,
        project: str,
        resource: Mapping[str, Any],
        *,
        source: Source | None = None,
        fault: Fault | None = None,
    ) -> Job:
        """Make a job and do it.

        Args:
            project: Where it is made.
            resource: The Job resource of the request.
            source: The uploaded file of a load job, or None.
            fault: With which it is to fail after some looks at it, or None.

        Returns:
            The job, failed or not: what is wrong with its content is told by ``error``.

        Raises:
            ApiError: The request itself is refused: a syntax error, an id that is taken, a
                configuration that is incomplete.
        """
        configuration = checked_configuration(resource.get("configuration"))
        kind = kind_of(configuration)
        reference = resource.get("jobReference") or {}
        job_id = str(reference.get("jobId") or f"job_{uuid.uuid4().hex}")
        location = str(reference.get("location") or "")
        session = None
        if kind == "query" and not configuration["query"].get("useLegacySql"):
            session = queries.open_session(
                self.catalog, statement_of(project, configuration["query"], location)
            )
        dry = bool(configuration.get("dryRun"))
        if dry and kind != "query":
            raise UnsupportedError(f"dryRun of a {kind} job")
        if not dry:
            self._claim(project, job_id, location or self.catalog.location)
        job = Job(
            project=project,
            id=job_id,
            location=location or self.catalog.location,
            configuration=configuration,
            created=now_ms(),
            ended=now_ms(),
        )
        try:
            if fault is not None:
                job = replace(job, error=fault.error(), pending=fault.polls or 0)
            else:
                job = self._do(job, session, source, location=location, dry=dry)
        except ApiError as error:
            if dry:
                raise
            job = replace(job, error=error, ended=now_ms())
        except BaseException:
            with self._lock:
                self._jobs.pop((project, job_id), None)
            raise
        if not dry:
            with self._lock:
                self._jobs[project, job_id] = job
        return job

    def _claim(self, project: str, job_id: str, location: str) -> None:
        with self._lock:
            if (project, job_id) in self._jobs:
                raise ApiError("duplicate", f"Already Exists: Job {project}:{location}.{job_id}")
            self._jobs[project, job_id] = None

    def _do(
        self,
        job: Job,
        session: Session | Script | None,
        source: Source | None,
        *,
        location: str,
        dry: bool,
    ) -> Job:
        kind = kind_of(job.configuration)
        if kind == "copy":
            return run_copy(self.catalog, job, location=location)
        if kind == "extract":
            return run_extract(self.catalog, job, location=location, gcs_endpoint=self.gcs_endpoint)
        if kind == "load":
            return run_load(
                self.catalog, job, source, location=location, gcs_endpoint=self.gcs_endpoint
            )
        if session is not None and not isinstance(session, Session):
            from harness.bigquery.jobs.job_script import run_script  # noqa: PLC0415

            return run_script(self, job, session, location=location, dry=dry)
        job = run_query(self.catalog, job, session, location=location, dry=dry)
        if job.result is not None and job.result.ref.dataset == HIDDEN:
            self._limit(job.result.ref)
        return job

    def _limit(self, newest: TableRef) -> None:
        """Forget the oldest anonymous result where there are too many."""
        with self._lock:
            self._results.append(newest)
            oldest = self._results.pop(0) if len(self._results) > _KEPT_RESULTS else None
        if oldest is not None:
            # A client may have deleted it, and the query that is done now has not failed by that.
            with suppress(ApiError):
                self.catalog.remove_table(oldest)
