"""BigQuery, played by the stub in this process."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.bigquery import BigQueryServer, CallRecord, QueryRecord
from harness.bigquery.errors import ApiError
from harness.bigquery.statements.seen import holds_rows, seen_rows
from harness.clock.current import using
from harness.errors import CheckFailedError, ServiceError
from harness.machine.ports import HOST
from harness.services.missing import missing
from harness.services.protocol import Column, Incident, Sink
from harness.tap import STORAGE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from google.cloud import bigquery
    from google.cloud.bigquery_storage_v1 import BigQueryReadClient

    from harness.bigquery.entries import Table
    from harness.bigquery.faults import Faults
    from harness.bigquery.snapshots import Snapshot
    from harness.clock.clock import Clock

# Look-ups whose refusal is their answer: clients make them to learn whether something is there.
_BENIGN = {
    ("datasets.get", "notFound"),
    ("tables.get", "notFound"),
    ("datasets.insert", "duplicate"),
    ("tables.insert", "duplicate"),
    # What not_found_ok asks for.
    ("datasets.delete", "notFound"),
    ("tables.delete", "notFound"),
}
# What google-cloud-bigquery raises for just this; BadRequest may be anything.
_RAISED = {"notFound": ("NotFound",), "duplicate": ("Conflict",), "accessDenied": ("Forbidden",)}
_CATALOG_VIEWS = ("__TABLES_SUMMARY__", "INFORMATION_SCHEMA")
_JOBS = ("jobs.insert", "jobs.query")
_DROP = re.compile(r"\s*DROP\s+TABLE\s+[\w`.-]+\s*;?\s*", re.IGNORECASE)


class BigQueryStub:
    """The service that pipelines take for BigQuery.

    Args:
        project: The project whose tables are named ``dataset.table``; those of another project
            have its name in front.
        gcs_endpoint: URL of the GCS emulator for loads from ``gs://``; may be set before start.
        host: The name or address that clients know it by.
        bind: The address of this machine to listen on; ``host`` if not given.
        port: A fixed port, or None for a free one.
        location: Of datasets that are made without one.
    """

    name = "bigquery"

    def __init__(
        self,
        *,
        project: str,
        gcs_endpoint: str | None = None,
        host: str = HOST,
        bind: str | None = None,
        port: int | None = None,
        location: str = "US",
    ) -> None:
        self.project = project
        self.location = location
        self._server = BigQueryServer(
            gcs_endpoint=gcs_endpoint, host=host, bind=bind, port=port, location=location
        )

    @property
    def gcs_endpoint(self) -> str | None:
        """Where objects of ``gs://`` URIs are fetched from; takes effect at the next start."""
        return self._server.gcs_endpoint

    @gcs_endpoint.setter
    def gcs_endpoint(self, value: str | None) -> None:
        self._server.gcs_endpoint = value

    @property
    def url(self) -> str:
        """Where it listens; empty before start."""
        return self._server.url

    @property
    def listens_at(self) -> tuple[str, int]:
        """Its host and port."""
        return self._server.address

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing: all calls are seen."""
        return ()

    def start(self) -> None:
        """Start and return when the service answers.

        Raises:
            EnvironmentNotAbleError: The fixed port is taken.
        """
        self._server.start()

    def stop(self) -> None:
        """End the service and forget everything. Safe to call twice, or before start."""
        self._server.stop()

    def reset(self) -> None:
        """Forget all content; the address stays."""
        self._server.reset()

    def keep_time(self, clock: Clock) -> None:
        """Give the time of a clock from now on."""
        self._server.clock.set(clock.offset)

    def environment(self) -> Mapping[str, str]:
        """The variables that lead the google clients here.

        The tap heeds the second: the client of the Storage Read API itself knows none.

        Raises:
            ServiceError: The service is not started.
        """
        if not self.url:
            raise ServiceError(
                "the BigQuery stub has no address", cause="it is not started", remedy="start it"
            )
        return {
            "BIGQUERY_EMULATOR_HOST": self.url,
            STORAGE_VARIABLE: self.url.removeprefix("http://"),
        }

    def overlay(self) -> Mapping[str, str]:
        """No key of io_config.yaml: the client knows only the variable."""
        return {}

    def values(self) -> Mapping[str, str]:
        """The placeholder ``{bigquery_endpoint}``."""
        return {"bigquery_endpoint": self.environment()["BIGQUERY_EMULATOR_HOST"]}

    def client(self) -> bigquery.Client:
        """A google client of the stub, with anonymous credentials.

        Rows come as Arrow over gRPC where google-cloud-bigquery-storage is installed.
        """
        from harness.services.bigquery_client import StubClient  # noqa: PLC0415

        url = self.environment()["BIGQUERY_EMULATOR_HOST"]
        return StubClient(url, project=self.project)

    def read_client(self) -> BigQueryReadClient:
        """A client of the Storage Read API of the stub.

        Raises:
            EnvironmentNotAbleError: google-cloud-bigquery-storage is not installed.
            ServiceError: The service is not started.
        """
        from harness.services.bigquery_storage import read_client  # noqa: PLC0415

        client: BigQueryReadClient = read_client(self.environment()["BIGQUERY_EMULATOR_HOST"])
        return client

    @property
    def faults(self) -> Faults:
        """Errors that a test has it answer with: ``faults.add(Fault(operation="jobs.insert"))``."""
        return self._server.faults

    def snapshot(self) -> Snapshot:
        """Keep all datasets, tables, rows and jobs as they are.

        Raises:
            RuntimeError: It is not started.
        """
        return self._server.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Bring back what a snapshot holds; calls and faults go on.

        Raises:
            RuntimeError: It is not started.
        """
        self._server.restore(snapshot)

    def calls(self, *, since: float = 0.0) -> tuple[CallRecord, ...]:
        """The log of calls from ``since`` (seconds since the epoch) on; the newest 100,000."""
        return self._server.log.records(since=since)

    def queries(self, *, since: float = 0.0) -> tuple[QueryRecord, ...]:
        """The log of queries from ``since`` (seconds since the epoch) on; the newest 100,000."""
        return self._server.log.queries(since=since)

    @property
    def bytes_processed(self) -> int:
        """Bytes that all queries since the last reset have read; dry runs read none."""
        return sum(one.bytes_processed for one in self.queries() if not one.dry)

    def inventory(self) -> Sequence[Sink]:
        """All tables, sorted by name."""
        return sorted(map(self._sink, self._tables().values()), key=lambda sink: sink.name)

    def describe(self, name: str) -> Sink:
        """One table, ``dataset.table``.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        table = self._table(name)
        if holds_rows(table):
            return self._sink(table)
        return replace(self._sink(table), rows=self._seen(table).num_rows)

    def read(self, name: str) -> pa.Table:
        """All rows of one table.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        catalog = self._server.catalog
        with catalog.reading():
            table = self._table(name)
            if not holds_rows(table):
                return self._seen(table)
            with catalog.database.cursor() as cursor:
                from harness.bigquery.types import quoted  # noqa: PLC0415

                columns = ", ".join(quoted(field.name) for field in table.fields)
                sql = f"SELECT {columns or 'NULL AS none'} FROM {table.rows_in}"  # noqa: S608
                return cursor.sql(sql).to_arrow_table()

    def partitions(self, name: str) -> Mapping[str, int]:
        """Rows in each partition, by BigQuery's partition id.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return {part.id: part.rows for part in self._table(name).partitions}

    def primary_key(self, name: str) -> tuple[str, ...]:
        """The columns of a table's primary key, which BigQuery does not enforce.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        constraints = self._table(name).kept.get("tableConstraints")
        key = constraints.get("primaryKey") if isinstance(constraints, dict) else None
        return tuple((key or {}).get("columns") or ())

    def incidents(self, since: float) -> Sequence[Incident]:
        """Jobs that failed and calls that were refused, except look-ups that expect it."""
        records = self.calls(since=since)
        survived = _survived(records)
        return [
            Incident(
                at=record.at,
                service=self.name,
                code="bigquery-job-failed",
                message=record.message,
                detail=record.statement or record.destination or f"{record.method} {record.path}",
                raises=_RAISED.get(record.reason, ()),
            )
            for record in records
            if _is_incident(record) and id(record) not in survived
        ]

    def _seen(self, table: Table) -> pa.Table:
        try:
            with using(self._server.clock):
                return seen_rows(self._server.catalog, table)
        except ApiError as error:
            raise CheckFailedError(
                f"{table.ref.dataset}.{table.ref.table} cannot be read",
                cause=str(error),
                remedy="query it with its filter: bigquery.client().query(...)",
            ) from error

    def _tables(self) -> dict[str, Table]:
        catalog = self._server.catalog
        tables = {}
        with using(self._server.clock), catalog.lock:
            for project in catalog.projects():
                prefix = "" if project == self.project else f"{project}."
                for dataset in catalog.datasets(project):
                    for table in catalog.tables(project, dataset.name):
                        tables[f"{prefix}{dataset.name}.{table.ref.table}"] = table
        return tables

    def _table(self, name: str) -> Table:
        tables = self._tables()
        found = tables.get(name) or tables.get(name.removeprefix(f"{self.project}."))
        if found is None:
            raise missing("table in BigQuery", name, tables)
        return found

    def _sink(self, table: Table) -> Sink:
        prefix = "" if table.ref.project == self.project else f"{table.ref.project}."
        return Sink(
            service=self.name,
            name=f"{prefix}{table.ref.dataset}.{table.ref.table}",
            # How many a view shows is asked where somebody wants to know: it is a query.
            rows=table.rows if holds_rows(table) else None,
            columns=tuple(
                Column(name=field.name, type=field.sql_type, nullable=field.mode != "REQUIRED")
                for field in table.fields
            ),
            version=f"{table.created}-{table.version}",
        )


def _is_incident(record: CallRecord) -> bool:
    if not record.reason or (record.operation, record.reason) in _BENIGN:
        return False
    if record.operation == "jobs.getQueryResults":
        # It repeats the error of a job that was told when the job was made.
        return False
    if record.operation not in _JOBS or record.reason != "notFound":
        return True
    if "Dataset" in record.message:
        return not any(view in record.statement.upper() for view in _CATALOG_VIEWS)
    # Mage's SQL blocks with the policy `replace` begin so, also before the table's first making.
    return not _DROP.fullmatch(record.statement)


def _survived(records: Sequence[CallRecord]) -> set[int]:
    """The calls that met a fault of the test, and that the client sent again with success."""
    done = set()
    survived = set()
    for record in reversed(records):
        call = (record.method, record.path, record.statement, record.destination)
        if not record.reason:
            done.add(call)
        elif record.injected and call in done:
            survived.add(id(record))
    return survived
