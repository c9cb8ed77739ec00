"""PostgreSQL's own process: started on a data directory, and why it does not start."""

from __future__ import annotations

import contextlib
import signal
import time
from typing import TYPE_CHECKING

from harness.errors import ServiceError
from harness.machine.program import Program
from harness.machine.space import NO_SPACE, full
from harness.machine.tenancy import AddressInUseError
from harness.services.embedded import cluster

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.machine.guardian import Guardian

_TAKEN = "could not create any TCP/IP sockets"
_PATIENCE = 1.0


def launch(
    program: Path,
    data: Path,
    *,
    port: int,
    guardian: Guardian,
    user: tuple[int, int] | None,
    environment: Mapping[str, str],
) -> Program:
    """Start the server and return when it accepts connections.

    Args:
        program: The program ``postgres``.
        data: The data directory; its parent takes what is printed before the log begins.
        port: The port that it is to listen on.
        guardian: Who ends it when the harness cannot.
        user: The numbers of the user and group to run it as, or None for the present ones.
        environment: All variables that it gets, besides the guardian's.

    Raises:
        AddressInUseError: Somebody listens on the port.
        EnvironmentNotAbleError: The disk is full.
        ServiceError: It did not start for another reason; the message holds its log's end.
    """
    server = Program(
        [program, "-D", data, "-p", str(port)],
        name="PostgreSQL",
        log=data.parent / "server.log",
        guardian=guardian,
        environment=environment,
        # An immediate shutdown: it removes what it shares, and the data is not needed.
        ending=signal.SIGQUIT,
        user=user,
    )
    try:
        server.start(lambda: _ready(data))
    except ServiceError as error:
        tail = _tail(data)
        said = "\n".join([str(error), server.log, tail])
        if NO_SPACE in said:
            raise full(data, doing="starting PostgreSQL") from error
        if _TAKEN in said:
            raise AddressInUseError(str(port)) from error
        raise ServiceError(
            error.symptom,
            cause=error.cause,
            evidence=[*error.evidence, *tail.splitlines()[-10:]],
            remedy=error.remedy,
        ) from error
    return server


def _ready(data: Path) -> bool:
    """Whether the server says so itself; the format is that of PostgreSQL's pidfile.h."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"  # noqa: PLR2004 - LOCK_FILE_LINE_PM_STATUS


def _tail(data: Path) -> str:
    """The end of a failed server's log; its collector may still be writing it."""
    until = time.monotonic() + _PATIENCE
    tail = ""
    while '"FATAL"' not in tail and time.monotonic() < until:
        time.sleep(0.01)
        with contextlib.suppress(FileNotFoundError):
            tail = (data / cluster.LOG).read_text("utf-8", "replace")[-4_000:]
    return tail
