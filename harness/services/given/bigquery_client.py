"""BigQuery looked into through Google's client: tables, rows, partitions and failed jobs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.errors import ServiceError
from harness.services.missing import missing
from harness.services.protocol import Column, Incident, Sink

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa
    from google.api_core.retry import Retry
    from google.cloud import bigquery

OWN_JOBS = "mage_harness_"
"""What the ids of the harness's own jobs begin with; their failures are no incidents."""
_PATIENCE = 20.0
_PLAIN = "TABLE"
_STANDARD = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}
# What google-cloud-bigquery raises for just this; BadRequest may be anything.
_RAISED = {"notFound": ("NotFound",), "duplicate": ("Conflict",), "accessDenied": ("Forbidden",)}
_CATALOG_VIEWS = ("__TABLES_SUMMARY__", "INFORMATION_SCHEMA")


class BigQueryByClient(ABC):
    """What the services for other people's BigQuery have in common: looking, never changing.

    Args:
        project: The project whose tables are named ``dataset.table``.
    """

    name = "bigquery"

    def __init__(self, *, project: str) -> None:
        self.project = project
        self._kept: bigquery.Client | None = None

    @abstractmethod
    def client(self) -> bigquery.Client:
        """A new client; the caller closes it."""

    @abstractmethod
    def datasets(self) -> list[str]:
        """The datasets that this service looks into, sorted."""

    def overlay(self) -> Mapping[str, str]:
        """No key of io_config.yaml: the client knows only the variable."""
        return {}

    def inventory(self) -> Sequence[Sink]:
        """All tables and views of the datasets, sorted by name."""
        with asked() as retry:
            return [
                self._sink(self._client.get_table(f"{self.project}.{name}", retry=retry))
                for name in self._names()
            ]

    def describe(self, name: str) -> Sink:
        """One table, ``dataset.table``.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._sink(self._table(name))

    def read(self, name: str) -> pa.Table:
        """All rows of one table or view.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        table = self._table(name)
        if table.table_type != _PLAIN:
            return self._query(f"SELECT * FROM {_quoted(table)}")  # noqa: S608
        with asked() as retry:
            rows = self._client.list_rows(table, retry=retry)
            return rows.to_arrow(create_bqstorage_client=False)

    def partitions(self, name: str) -> Mapping[str, int]:
        """Rows in each partition, by BigQuery's partition id.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
            ServiceError: The service does not know INFORMATION_SCHEMA.PARTITIONS.
        """
        from google.cloud import bigquery  # noqa: PLC0415 - takes a second

        table = self._table(name)
        if table.time_partitioning is None and table.range_partitioning is None:
            return {}
        view = f"`{table.project}.{table.dataset_id}`.INFORMATION_SCHEMA.PARTITIONS"
        found = self._query(
            f"SELECT partition_id, total_rows FROM {view} "  # noqa: S608
            "WHERE table_name = @name AND partition_id IS NOT NULL ORDER BY partition_id",
            bigquery.ScalarQueryParameter("name", "STRING", table.table_id),
        )
        ids, rows = found.column("partition_id"), found.column("total_rows")
        return dict(zip(ids.to_pylist(), rows.to_pylist(), strict=True))

    def incidents(self, since: float) -> Sequence[Incident]:
        """Jobs that failed, except look-ups that expect it, as far as the service lists jobs."""
        # The service counts in milliseconds.
        began = datetime.fromtimestamp(int(since * 1000) / 1000, UTC)
        with asked() as retry:
            jobs = list(self._client.list_jobs(min_creation_time=began, retry=retry))
        found = [self._incident(job) for job in jobs if self._is_incident(job)]
        return sorted(found, key=lambda one: one.at)

    @property
    def _client(self) -> bigquery.Client:
        """A client that is kept, for what the harness itself asks."""
        if self._kept is None:
            self._kept = self.client()
        return self._kept

    def _close(self) -> None:
        client, self._kept = self._kept, None
        if client is not None:
            client.close()  # type: ignore[no-untyped-call]

    def _names(self) -> list[str]:
        return sorted(
            f"{dataset}.{table.table_id}"
            for dataset in self.datasets()
            for table in self._client.list_tables(f"{self.project}.{dataset}")
        )

    def _table(self, name: str) -> bigquery.Table:
        from google.api_core.exceptions import NotFound  # noqa: PLC0415 - takes a second

        short = name.removeprefix(f"{self.project}.")
        with asked() as retry:
            dataset, _, table = short.partition(".")
            if table.count(".") == 0 and table and dataset in self.datasets():
                try:
                    return self._client.get_table(f"{self.project}.{short}", retry=retry)
                except NotFound:
                    pass
            names = self._names()
        raise missing("table in BigQuery", name, names)

    def _sink(self, table: bigquery.Table) -> Sink:
        return Sink(
            service=self.name,
            name=f"{table.dataset_id}.{table.table_id}",
            rows=self._rows(table),
            columns=tuple(
                Column(name=field.name, type=sql_type(field), nullable=field.mode != "REQUIRED")
                for field in table.schema
            ),
            version=f"{table.etag}-{table.modified}",
        )

    def _rows(self, table: bigquery.Table) -> int:
        """The number of rows; it is asked for where the service's own leaves some out."""
        if table.table_type == _PLAIN and table.streaming_buffer is None:
            return int(table.num_rows or 0)
        counted = self._query(f"SELECT COUNT(*) AS n FROM {_quoted(table)}")  # noqa: S608
        return int(counted.column("n")[0].as_py())

    def _query(self, sql: str, *parameters: bigquery.ScalarQueryParameter) -> pa.Table:
        from google.cloud import bigquery  # noqa: PLC0415 - takes a second

        options = bigquery.QueryJobConfig(query_parameters=list(parameters))
        with asked() as retry:
            job = self._client.query(
                sql, job_config=options, job_id_prefix=OWN_JOBS, retry=retry, job_retry=None
            )
            return job.result(retry=retry).to_arrow(create_bqstorage_client=False)

    def _is_incident(self, job: Any) -> bool:
        error = job.error_result
        if not error or str(job.job_id).startswith(OWN_JOBS):
            return False
        statement = str(getattr(job, "query", "")).upper()
        looks_up = error.get("reason") == "notFound" and "Dataset" in error.get("message", "")
        return not (looks_up and any(view in statement for view in _CATALOG_VIEWS))

    def _incident(self, job: Any) -> Incident:
        error = job.error_result
        target = getattr(job, "destination", None)
        return Incident(
            at=job.created.timestamp(),
            service=self.name,
            code="bigquery-job-failed",
            message=str(error.get("message", "")),
            detail=str(getattr(job, "query", "") or target or job.job_id),
            raises=_RAISED.get(str(error.get("reason", "")), ()),
        )


def sql_type(field: bigquery.SchemaField) -> str:
    """GoogleSQL's type, as in INFORMATION_SCHEMA.COLUMNS: ``ARRAY<STRUCT<a INT64>>``."""
    inner = _STANDARD.get(field.field_type, field.field_type)
    if inner == "STRUCT":
        inner = f"STRUCT<{', '.join(f'{one.name} {sql_type(one)}' for one in field.fields)}>"
    return f"ARRAY<{inner}>" if field.mode == "REPEATED" else inner


def _quoted(table: bigquery.Table) -> str:
    return f"`{table.project}.{table.dataset_id}.{table.table_id}`"


@contextmanager
def asked() -> Iterator[Retry]:
    """Ask the service something: how long to try again, and what its failure means.

    Google's client alone would try for ten minutes.

    Raises:
        ServiceError: It does not answer, or refuses.
    """
    from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415 - takes a second
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415
    from google.cloud.bigquery import DEFAULT_RETRY  # noqa: PLC0415
    from requests.exceptions import RequestException  # noqa: PLC0415

    try:
        yield DEFAULT_RETRY.with_timeout(_PATIENCE)
    except (GoogleAPIError, GoogleAuthError, RequestException) as error:
        raise ServiceError(
            "BigQuery did not answer a question of the harness",
            cause=str(error).strip().splitlines()[0] if str(error).strip() else repr(error),
            evidence=[type(error).__name__],
            remedy="see whether the service still runs, and whether it knows this call",
        ) from error
