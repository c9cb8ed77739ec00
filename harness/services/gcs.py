"""Cloud Storage as a service of the stack, whoever runs the server."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.errors import ServiceError
from harness.services import object_tables as tables
from harness.services.gcs_api import GcsApi
from harness.services.gcs_log import RequestLog
from harness.services.missing import missing
from harness.services.names import BUCKET
from harness.services.object_layout import groups, named
from harness.services.object_sinks import ObjectSinks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa
    from google.cloud.storage import Client  # type: ignore[import-untyped]
    from pyarrow import fs as pafs

    from harness.services.gcs_server import Running, Server
    from harness.services.heard import Heard
    from harness.services.object_layout import Group, StoredObject
    from harness.services.protocol import Incident, Sink


class Gcs:
    """What pipelines take for Cloud Storage: emptied, looked into and judged by its log.

    Args:
        server: Who runs it.
        project: The Google Cloud project that it plays.

    Attributes:
        server: Who runs it.
        bucket: What ``{gcs_bucket}`` stands for; it is not made.
    """

    name = "gcs"

    def __init__(self, server: Server, *, project: str) -> None:
        self.server = server
        self.project = project
        self.bucket = BUCKET
        self._running: Running | None = None
        self._log: RequestLog | None = None
        self._sinks = ObjectSinks(self.name, files=self.filesystem)

    @property
    def host(self) -> str:
        """The server's host.

        Raises:
            ServiceError: It is not running.
        """
        return self._up().host

    @property
    def port(self) -> int:
        """The server's port.

        Raises:
            ServiceError: It is not running.
        """
        return self._up().port

    @property
    def listens_at(self) -> tuple[str, int]:
        """Its host and port."""
        return self.host, self.port

    @property
    def endpoint(self) -> str:
        """The server's address, for ``STORAGE_EMULATOR_HOST``.

        Raises:
            ServiceError: It is not running.
        """
        return self._up().endpoint

    @property
    def served_at(self) -> str:
        """Where pipelines, and Google's own client, reach it: the server, or what is before it.

        Raises:
            ServiceError: It is not running.
        """
        return self.endpoint

    @property
    def notes(self) -> tuple[str, ...]:
        """What this service cannot do, each to be told once."""
        return ()

    def start(self) -> None:
        """Start the server.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: The fixed port is taken, or this machine cannot run it.
        """
        if self._running is not None:
            return
        try:
            self._running = self.server.start()
            if self._running.log is not None:
                self._log = RequestLog(self._running.log)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and delete its log. Safe to call twice, or before start."""
        self._running = self._log = None
        self._sinks.forget()
        self.server.stop()

    def reset(self) -> None:
        """Delete all buckets with all that is in them."""
        with self._api() as api:
            for bucket in api.buckets():
                api.delete_bucket(bucket)
        self._sinks.forget()
        self._forget()

    def environment(self) -> Mapping[str, str]:
        """What leads google-cloud-storage, gcsfs, pyarrow and pandas here."""
        return {
            "STORAGE_EMULATOR_HOST": self.served_at,
            "CLOUD_STORAGE_EMULATOR_ENDPOINT": self.served_at,
            # Otherwise gcsfs of 2026 opens gRPC over TLS to the emulator, and waits for ever.
            "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
        }

    def overlay(self) -> Mapping[str, str]:
        """Nothing: Mage has no key for the address of Cloud Storage."""
        return {}

    def values(self) -> Mapping[str, str]:
        """The placeholders ``{gcs_endpoint}`` and ``{gcs_bucket}``."""
        return {"gcs_endpoint": self.served_at, "gcs_bucket": self.bucket}

    def inventory(self) -> Sequence[Sink]:
        """All objects and datasets; see ``object_layout.groups`` for what is one dataset."""
        with self._api() as api:
            return self._sinks.all(groups(self._objects(api)), tail=api.tail)

    def describe(self, name: str) -> Sink:
        """One object by ``bucket/object``, or one dataset by ``bucket/folder/``.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._sinks.one(self._group(name))

    def read(self, name: str) -> pa.Table:
        """All rows of an object or dataset; the keys of ``key=value`` folders are columns.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
            CheckFailedError: The content is not a table.
        """
        return tables.read(self._group(name), self.filesystem())

    def partitions(self, name: str) -> Mapping[str, int]:
        """Rows in each ``key=value`` folder of a dataset.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
            CheckFailedError: A part cannot be read.
        """
        return tables.partitions(self._group(name), self.filesystem())

    def incidents(self, since: float) -> Sequence[Incident]:
        """Downloads and uploads that failed (``gcs-request-failed``); none without a log."""
        log = self._settled()
        return () if log is None else log.incidents(since)

    def heard(self, since: float) -> Iterable[Heard]:
        """The requests that it answered; none without a log."""
        log = self._settled()
        return () if log is None else log.heard(since)

    def buckets(self) -> list[str]:
        """The names of all buckets, also of those without an object."""
        with self._api() as api:
            return self._buckets(api)

    def client(self) -> Client:
        """Google's own client for this server; it needs no key. The caller closes it."""
        from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415 - takes a second
        from google.cloud import storage  # noqa: PLC0415

        return storage.Client(
            project=self.project,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": self.served_at},
        )

    def filesystem(self) -> pafs.GcsFileSystem:
        """The file system of pyarrow for this server."""
        from pyarrow import fs as pafs  # noqa: PLC0415 - a stack starts before anything is read

        running = self._up()
        return pafs.GcsFileSystem(
            anonymous=True,
            scheme=running.scheme,
            endpoint_override=f"{running.host}:{running.port}",
            project_id=self.project,
            retry_time_limit=timedelta(seconds=10),
        )

    def _buckets(self, api: GcsApi) -> list[str]:
        """The buckets that this service looks into."""
        return api.buckets()

    def _objects(self, api: GcsApi) -> list[StoredObject]:
        """The objects of the inventory."""
        return [one for bucket in self._buckets(api) for one in api.objects(bucket)]

    def _group(self, name: str) -> Group:
        with self._api() as api:
            bucket = name.partition("/")[0]
            found = api.objects(bucket) if bucket in self._buckets(api) else []
            group = named(found, name)
            if group is not None:
                return group
            found = self._objects(api)
        raise missing("object in GCS", name, [group.name for group in groups(found)])

    def _forget(self) -> None:
        """Forget what the log told."""
        log = self._settled()
        if log is not None:
            log.clear()

    def _settled(self) -> RequestLog | None:
        """The log, read up to now: to the request that this very call sends."""
        mark = secrets.token_hex(8)
        if self._log is not None:
            with self._api() as api:
                api.mark(mark)
            self._log.read_to(mark)
        return self._log

    @contextmanager
    def _api(self) -> Iterator[GcsApi]:
        if self._running is not None:
            self.server.check()
        running = self._up()
        with GcsApi(running.endpoint, project=self.project, token=running.token) as api:
            try:
                yield api
            except ServiceError:
                # A server that has just died says why better than a lost connection does.
                self.server.check()
                raise

    def _up(self) -> Running:
        if self._running is None:
            raise ServiceError("the GCS service is not running", remedy="start the service first")
        return self._running
