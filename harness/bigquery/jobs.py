"""Jobs: made once, done at once, and told ever after."""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery import queries
from harness.bigquery.entries import HIDDEN, Dataset, Table, TableRef, now_ms
from harness.bigquery.errors import ApiError
from harness.bigquery.job import Job, checked_configuration, statement_of, table_ref
from harness.bigquery.loads import Source, load
from harness.bigquery.partitions import partitioning_from_rest
from harness.bigquery.types import schema_rest
from harness.bigquery.writing import Destination, checked_write, destination_of, write_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.statement import Outcome, Session

# BigQuery keeps an anonymous result for a day; here the newest are enough.
_KEPT_RESULTS = 500


class JobStore:
    """All jobs of all clients."""

    def __init__(self, catalog: Catalog, *, gcs_endpoint: str | None) -> None:
        self.catalog = catalog
        self.gcs_endpoint = gcs_endpoint
        self._lock = threading.Lock()
        self._jobs: OrderedDict[tuple[str, str], Job | None] = OrderedDict()
        self._results: list[TableRef] = []

    def get(self, project: str, job_id: str) -> Job:
        """A job.

        Raises:
            ApiError: There is none of that id.
        """
        with self._lock:
            job = self._jobs.get((project, job_id))
        if job is None:
            raise ApiError("notFound", f"Not found: Job {project}:{job_id}")
        return job

    def all(self, project: str) -> list[Job]:
        """The jobs of a project, the newest first."""
        with self._lock:
            found = [job for job in self._jobs.values() if job and job.project == project]
        return found[::-1]

    def remove(self, project: str, job_id: str) -> None:
        """Forget a job.

        Raises:
            ApiError: There is none of that id.
        """
        self.get(project, job_id)
        with self._lock:
            del self._jobs[project, job_id]

    def clear(self) -> None:
        """Forget all jobs."""
        with self._lock:
            self._jobs.clear()
            self._results.clear()

    def insert(
        self, project: str, resource: Mapping[str, Any], *, source: Source | None = None
    ) -> Job:
        """Make a job and do it.

        Args:
            project: Where it is made.
            resource: The Job resource of the request.
            source: The uploaded file of a load job, or None.

        Returns:
            The job, failed or not: what is wrong with its content is told by ``error``.

        Raises:
            ApiError: The request itself is refused: a syntax error, an id that is taken, a
                configuration that is incomplete.
        """
        configuration = checked_configuration(resource.get("configuration"))
        reference = resource.get("jobReference") or {}
        job_id = str(reference.get("jobId") or f"job_{uuid.uuid4().hex}")
        location = str(reference.get("location") or "")
        session = None
        if "query" in configuration and not configuration["query"].get("useLegacySql"):
            session = queries.open_session(
                self.catalog, statement_of(project, configuration["query"], location)
            )
        dry = bool(configuration.get("dryRun"))
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
            if "query" in configuration:
                job = self._query(job, session, location, dry=dry)
            else:
                job = self._load(job, source, location)
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

    def _load(self, job: Job, source: Source | None, location: str) -> Job:
        configuration = job.configuration["load"]
        named = configuration.get("destinationTable") or {}
        ref, partition = destination_of(
            str(named.get("tableId") or ""), table_ref(named, project=job.project)
        )
        dataset = self.catalog.dataset(ref.project, ref.dataset, location=location)
        job = replace(job, location=location or dataset.location)
        done = load(
            self.catalog,
            configuration,
            ref=ref,
            partition=partition,
            source=source,
            gcs_endpoint=self.gcs_endpoint,
        )
        statistics = {
            "inputFiles": str(done.files),
            "inputFileBytes": str(done.bytes),
            "outputRows": str(done.rows),
            "outputBytes": str(done.bytes),
            "badRecords": str(done.bad),
        }
        configured = {**job.configuration["load"], "schema": schema_rest(done.table.fields)}
        return replace(
            job,
            configuration={**job.configuration, "load": configured},
            statistics={"load": statistics},
            warnings=done.warnings,
            ended=now_ms(),
        )

    def _query(self, job: Job, session: Session | None, location: str, *, dry: bool) -> Job:
        configuration = dict(job.configuration["query"])
        if session is None:
            statement = statement_of(job.project, configuration, location)
            outcome = queries.legacy(self.catalog, statement)
        else:
            job = replace(job, location=session.location)
            outcome = queries.run(session, dry=dry)
        statistics: dict[str, Any] = {
            "statementType": outcome.type,
            "totalBytesProcessed": str(outcome.bytes),
            "totalBytesBilled": "0",
            "cacheHit": False,
            "schema": schema_rest(outcome.fields),
            "referencedTables": [ref.rest() for ref in outcome.tables],
        }
        if outcome.affected is not None:
            statistics["numDmlAffectedRows"] = str(outcome.affected)
        if outcome.dml:
            statistics["dmlStats"] = {name: str(rows) for name, rows in outcome.dml.items()}
        if outcome.ddl:
            statistics["ddlOperationPerformed"] = outcome.ddl
        if outcome.target is not None and outcome.ddl:
            statistics["ddlTargetTable"] = outcome.target.rest()
        result = None
        if outcome.staged is not None:
            result = self._keep(configuration, job.project, outcome)
            configuration["destinationTable"] = result.ref.rest()
        elif outcome.target is not None:
            configuration["destinationTable"] = outcome.target.rest()
        return replace(
            job,
            configuration={**job.configuration, "query": configuration},
            statistics={"query": statistics},
            result=result,
            affected=outcome.affected,
            bytes=outcome.bytes,
            ended=now_ms(),
        )

    def _keep(self, configuration: Mapping[str, Any], project: str, outcome: Outcome) -> Table:
        """Put a query's answer where the client wants it, or into an anonymous table."""
        staged = str(outcome.staged)
        named = configuration.get("destinationTable")
        if named and named.get("datasetId") != HIDDEN:
            ref, partition = destination_of(
                str(named.get("tableId") or ""), table_ref(named, project=project)
            )
            destination = Destination(
                ref=ref,
                partition=partition,
                create=configuration.get("createDisposition") != "CREATE_NEVER",
                write=checked_write(configuration.get("writeDisposition"), default="WRITE_EMPTY"),
                partitioning=partitioning_from_rest(configuration, fields=outcome.fields),
                clustering=tuple((configuration.get("clustering") or {}).get("fields") or ()),
                updates=tuple(configuration.get("schemaUpdateOptions") or ()),
            )
            return write_rows(self.catalog, destination, fields=outcome.fields, staged=staged)
        return self._keep_anonymous(project, outcome, staged)

    def _keep_anonymous(self, project: str, outcome: Outcome, staged: str) -> Table:
        moment = now_ms()
        ref = TableRef(project=project, dataset=HIDDEN, table=f"anon{uuid.uuid4().hex}")
        with self.catalog.lock:
            try:
                self.catalog.dataset(project, HIDDEN)
            except ApiError:
                self.catalog.add_dataset(
                    Dataset(
                        project=project,
                        name=HIDDEN,
                        location=self.catalog.location,
                        created=moment,
                        modified=moment,
                    )
                )
            table = self.catalog.put_table(
                Table(
                    ref=ref,
                    fields=outcome.fields,
                    rows_in=staged,
                    created=moment,
                    modified=moment,
                )
            )
            self._results.append(ref)
            if len(self._results) > _KEPT_RESULTS:
                self.catalog.remove_table(self._results.pop(0))
        return table
