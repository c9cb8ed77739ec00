"""BigQuery, played by the stub in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery import BigQueryServer, CallRecord, QueryRecord
from harness.errors import ServiceError
from harness.machine.ports import HOST
from harness.services.bigquery_heard import heard
from harness.services.bigquery_incidents import incidents
from harness.services.bigquery_tables import Tables
from harness.services.names import DATASET
from harness.tap import STORAGE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from google.cloud import bigquery
    from google.cloud.bigquery_storage_v1 import BigQueryReadClient

    from harness.bigquery.faults import Faults
    from harness.bigquery.snapshots import Snapshot
    from harness.clock.clock import Clock
    from harness.services.heard import Heard
    from harness.services.protocol import Incident, Sink


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
        self._tables = Tables(self._server, service=self.name, project=project)

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
        """The placeholders ``{bigquery_endpoint}`` and ``{bigquery_dataset}``."""
        endpoint = self.environment()["BIGQUERY_EMULATOR_HOST"]
        return {"bigquery_endpoint": endpoint, "bigquery_dataset": DATASET}

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
        return self._tables.inventory()

    def describe(self, name: str) -> Sink:
        """One table, ``dataset.table``.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._tables.describe(name)

    def read(self, name: str) -> pa.Table:
        """All rows of one table.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._tables.read(name)

    def partitions(self, name: str) -> Mapping[str, int]:
        """Rows in each partition, by BigQuery's partition id.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._tables.partitions(name)

    def primary_key(self, name: str) -> tuple[str, ...]:
        """The columns of a table's primary key, which BigQuery does not enforce.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._tables.primary_key(name)

    def heard(self, since: float) -> Sequence[Heard]:
        """The calls that it answered; see ``bigquery_heard``."""
        return heard(self.calls(since=since), service=self.name)

    def incidents(self, since: float) -> Sequence[Incident]:
        """Jobs that failed and calls that were refused, except look-ups that expect it."""
        return incidents(self.calls(since=since), service=self.name)
