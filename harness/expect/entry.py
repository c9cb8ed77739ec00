"""The way in: what a test calls ``expect``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from harness.errors import InputError
from harness.expect.blocks import BlockTarget, Output
from harness.expect.finding import asked
from harness.expect.lookup import find_objects
from harness.expect.queries import find_queries
from harness.expect.subject import real_time, subject_of
from harness.expect.target import Target
from harness.services.catalogue import BY_NAME
from harness.services.mysql_server import DATABASE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from harness.expect.queries import QueriesTarget
    from harness.expect.subject import Source, Subject
    from harness.running.result import PipelineRun

SourceOrMaker: TypeAlias = "Source | Callable[[], Source]"


class Expect:
    """Expectations on what pipelines wrote.

    A target is a snapshot: it must be there when it is named, and is read at most once. After
    another run, name it again.

    Args:
        last_run: Gives the last run of a pipeline, by its uuid.
        now: Tells the time of the world that the services are in, with a zone; the real one if
            not given.
        sources: The services by name, such as ``postgres``; or what gives one when it is first
            needed.
    """

    def __init__(
        self,
        *,
        last_run: Callable[[str], PipelineRun] | None = None,
        now: Callable[[], dt.datetime] = real_time,
        **sources: SourceOrMaker,
    ) -> None:
        self._last_run = last_run
        self._now = now
        self._sources = sources

    def table(self, name: str) -> Target:
        """A table or view in PostgreSQL.

        Args:
            name: ``schema.table``; without a schema, ``public`` is meant.

        Raises:
            MissingSinkError: There is none; the message names the nearest.
        """
        __tracebackhide__ = True
        name = name if "." in name else f"public.{name}"
        return asked(lambda: self._table("postgres", name))

    def objects(self, bucket: str, prefix: str = "") -> Target:
        """Objects in Google Cloud Storage, as one table.

        Args:
            bucket: The bucket's name, without ``gs://``.
            prefix: The name of one object; or of a hive-partitioned dataset, ending in ``/``;
                or, where nothing has this very name, the start of several names, whose union
                is meant.

        Raises:
            MissingSinkError: There is none; the message names the nearest.
            ExpectationError: There are several, with different columns.
        """
        __tracebackhide__ = True
        return asked(lambda: self._objects("gcs", bucket, prefix))

    def s3(self, bucket: str, prefix: str = "") -> Target:
        """Objects in S3, as one table.

        Args:
            bucket: The bucket's name, without ``s3://``.
            prefix: The key of one object; or of a hive-partitioned dataset, ending in ``/``; or,
                where nothing has this very key, the start of several, whose union is meant.

        Raises:
            MissingSinkError: There is none; the message names the nearest.
            ExpectationError: There are several, with different columns.
        """
        __tracebackhide__ = True
        return asked(lambda: self._objects("s3", bucket, prefix))

    def mysql(self, name: str) -> Target:
        """A table or view in MySQL.

        Args:
            name: ``database.table``; without a database, the one that a pipeline which names none
                gets is meant.

        Raises:
            MissingSinkError: There is none; the message names the nearest.
        """
        __tracebackhide__ = True
        name = name if "." in name else f"{DATABASE}.{name}"
        return asked(lambda: self._table("mysql", name))

    def duckdb(self, file: str, table: str) -> Target:
        """A table or view in a database file of DuckDB that the last run left.

        Args:
            file: The file's path as the run knows it: relative to the project, or absolute.
            table: ``schema.table``; without a schema, ``main`` is meant.

        Raises:
            MissingSinkError: There is none; the message names the nearest.
            CheckFailedError: The file cannot be read.
        """
        __tracebackhide__ = True
        table = table if "." in table else f"main.{table}"
        return asked(lambda: self._table("duckdb", f"{file}:{table}"))

    def bigquery(self, name: str) -> Target:
        """A table or view in BigQuery.

        Args:
            name: ``dataset.table``.

        Raises:
            InputError: The name has not two parts.
            MissingSinkError: There is none; the message names the nearest.
        """
        __tracebackhide__ = True
        return asked(lambda: self._bigquery(name))

    def block(self, run: PipelineRun | str, block: str, *, output: int = 0) -> BlockTarget:
        """What a block of a pipeline returned, as the next block reads it.

        Args:
            run: What ``mage.run`` returned; or the pipeline's uuid, for its last run.
            block: The block's uuid.
            output: Which of its outputs, counted from 0.

        Raises:
            InputError: The pipeline has no such block, or has not run.
            MissingSinkError: The block left no such output.
        """
        __tracebackhide__ = True
        return asked(lambda: BlockTarget(Output(self._run_of(run), block, output), now=self._now))

    def _run_of(self, run: PipelineRun | str) -> PipelineRun:
        if not isinstance(run, str):
            return run
        if self._last_run is None:
            raise InputError(
                f"these expectations do not know the runs of {run}",
                remedy="give what mage.run returned instead of the pipeline's name",
            )
        return self._last_run(run)

    def queries(self, containing: str = "", *, table: str = "", kind: str = "") -> QueriesTarget:
        """The queries that BigQuery was asked since the start of the test.

        Args:
            containing: A text that the statement must contain, whatever the case.
            table: ``dataset.table`` that it must have read or written.
            kind: BigQuery's statement type, such as ``SELECT`` or ``MERGE``.

        Raises:
            InputError: The service that stands for BigQuery keeps no log of queries.
        """
        __tracebackhide__ = True
        return asked(lambda: self._queries(containing, table, kind))

    def _queries(self, containing: str, table: str, kind: str) -> QueriesTarget:
        log = getattr(self._of("bigquery"), "queries", None)
        if log is None:
            raise InputError(
                "the BigQuery of these expectations keeps no log of queries",
                cause="only the stub does, and a BigQuery that is given is another one",
            )
        return find_queries(log(), containing=containing, table=table, kind=kind)

    def _bigquery(self, name: str) -> Target:
        if name.count(".") != 1:
            raise InputError(
                f"{name!r} does not name a BigQuery table",
                remedy='write "dataset.table": the private BigQuery has one project',
            )
        return self._table("bigquery", name)

    def _objects(self, service: str, bucket: str, prefix: str) -> Target:
        title = BY_NAME[service].title
        return self._target(find_objects(self._of(service), bucket, prefix, title=title))

    def _table(self, service: str, name: str) -> Target:
        source = self._of(service)
        return self._target(subject_of(source, source.describe(name)))

    def _target(self, subject: Subject) -> Target:
        return Target(replace(subject, now=self._now))

    def _of(self, service: str) -> Source:
        source = self._sources.get(service)
        if source is None:
            raise InputError(
                f"these expectations have no {service} to look at",
                evidence=[f"services given: {', '.join(self._sources) or 'none'}"],
                remedy=f"construct them with Expect({service}=...)",
            )
        if callable(source):
            source = source()
            self._sources[service] = source
        return source
