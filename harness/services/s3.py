"""S3 as a service of the stack: moto's, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.services import object_tables as tables
from harness.services.missing import missing
from harness.services.names import BUCKET
from harness.services.object_layout import StoredObject, groups, named
from harness.services.object_sinks import ObjectSinks
from harness.services.s3_incidents import incidents_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from pyarrow import fs as pafs

    from harness.clock.clock import Clock
    from harness.services.object_layout import Group
    from harness.services.protocol import Incident, Sink
    from harness.services.s3_server import S3Server

REGION = "us-east-1"
KEY_ID = "mage-harness"
SECRET = "mage-harness-secret"  # noqa: S105 - it opens nothing: any key does


class S3:
    """What pipelines take for S3, and for MinIO and others that speak as it does.

    Any key, region and bucket is taken; a bucket that is written to is there.

    Args:
        server: Its process.

    Attributes:
        server: Its process.
        bucket: What ``{s3_bucket}`` stands for; it is not made.
    """

    name = "s3"

    def __init__(self, server: S3Server) -> None:
        self.server = server
        self.bucket = BUCKET
        self._sinks = ObjectSinks(self.name, files=self.filesystem)

    @property
    def endpoint(self) -> str:
        """Its address, ``http://host:port``.

        Raises:
            ServiceError: It is not running.
        """
        return f"http://{self.server.host}:{self.server.port}"

    @property
    def listens_at(self) -> tuple[str, int]:
        """Its host and port."""
        return self.server.host, self.server.port

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing: all can be seen and undone."""
        return ()

    def start(self) -> None:
        """Start it.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: It is not installed, or its fixed port is taken.
        """
        self.server.start()

    def stop(self) -> None:
        """End it with all that it holds. Safe to call twice, or before start."""
        self._sinks.forget()
        self.server.stop()

    def reset(self) -> None:
        """Delete all buckets with all that is in them."""
        self.server.ask("reset")
        self._sinks.forget()

    def keep_time(self, clock: Clock) -> None:
        """Give objects the time of a clock from now on; those that are there keep theirs."""
        self.server.ask(f"clock?offset={clock.offset}")

    def environment(self) -> Mapping[str, str]:
        """What leads boto3, pyarrow, polars and other clients here."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            # Clients in Rust refuse an address without TLS otherwise.
            "AWS_ALLOW_HTTP": "true",
        }

    def overlay(self) -> Mapping[str, str]:
        """Mage's keys for S3."""
        return {
            "AWS_ENDPOINT": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
        }

    def values(self) -> Mapping[str, str]:
        """The placeholders ``{s3_endpoint}``, ``{s3_bucket}``, ``{s3_key_id}``, ``{s3_secret}``."""
        return {
            "s3_endpoint": self.endpoint,
            "s3_bucket": self.bucket,
            "s3_key_id": KEY_ID,
            "s3_secret": SECRET,
        }

    def inventory(self) -> Sequence[Sink]:
        """All objects and datasets; see ``object_layout.groups`` for what is one dataset."""
        return self._sinks.all(groups(self._objects()))

    def describe(self, name: str) -> Sink:
        """One object by ``bucket/key``, or one dataset by ``bucket/folder/``.

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
        """Downloads and uploads that failed (``s3-request-failed``); see ``s3_incidents``."""
        return incidents_of(self.server.ask("state")["failed"], since=since)

    def told(self, since: float) -> Sequence[str]:
        """The buckets that were made since a time because something was written to them."""
        made = self.server.ask("state")["made"]
        names = [f"the bucket {one['name']}" for one in made if one["at"] >= since]
        if not names:
            return ()
        return (f"made when the run wrote there, as if production had it: {', '.join(names)}",)

    def buckets(self) -> list[str]:
        """The names of all buckets, also of those without an object."""
        found: list[str] = self.server.ask("objects")["buckets"]
        return found

    def client(self) -> Any:
        """A client of boto3 for S3. The caller closes it."""
        import boto3  # noqa: PLC0415 - an extra

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            region_name=REGION,
        )

    def filesystem(self) -> pafs.S3FileSystem:
        """The file system of pyarrow for this server."""
        from pyarrow import fs as pafs  # noqa: PLC0415 - a stack starts before anything is read

        return pafs.S3FileSystem(
            access_key=KEY_ID,
            secret_key=SECRET,
            region=REGION,
            scheme="http",
            endpoint_override=f"{self.server.host}:{self.server.port}",
            allow_bucket_creation=True,
        )

    def _objects(self) -> list[StoredObject]:
        found = [StoredObject(**one) for one in self.server.ask("objects")["objects"]]
        return sorted(found, key=lambda one: (one.bucket, one.name))

    def _group(self, name: str) -> Group:
        objects = self._objects()
        bucket = name.partition("/")[0]
        group = named([one for one in objects if one.bucket == bucket], name)
        if group is None:
            raise missing("object in S3", name, [one.name for one in groups(objects)])
        return group
