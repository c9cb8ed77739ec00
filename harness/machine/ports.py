"""A port of one's own on 127.0.0.1, claimed so that no two harnesses pick the same one.

A claim is a lock on one byte of a file, the byte at the port's number. The system drops the lock
when its process ends, however it ends. A program from outside may still take the port before the
service does, so whoever starts a service tries again on "address in use".
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from harness.errors import EnvironmentNotAbleError
from harness.machine.space import explained

if TYPE_CHECKING:
    from types import TracebackType

ATTEMPTS = 20
HOST = "127.0.0.1"

_lock = threading.Lock()
_files: dict[tuple[str, int], int] = {}
_mine: set[tuple[str, int, int]] = set()


@dataclass(frozen=True, kw_only=True)
class Port:
    """A claimed port; the claim ends with ``release`` or with the process.

    Attributes:
        number: The port's number.
        fixed: Whether the user asked for this very port.
        file: The file that holds the claim.
    """

    number: int
    fixed: bool
    file: str

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let others have the port. Safe to call twice."""
        with _lock:
            _mine.discard((self.file, os.getpid(), self.number))
            descriptor = _files.get((self.file, os.getpid()))
            if descriptor is not None:
                fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, self.number)


def claim(*, service: str, cache: Path, number: int | None = None) -> Port:
    """Claim a port that nobody listens on.

    Args:
        service: Who it is for, for the message.
        cache: The folder that harnesses on this machine share.
        number: A fixed port that the user asked for; any free one if not given.

    Raises:
        EnvironmentNotAbleError: The fixed port is taken, no free port was found, or the folder
            cannot be written.
    """
    file = str(cache / "ports")
    if number is not None:
        refusal = _refusal(number)
        if refusal is not None or not _take(file, number):
            raise taken(service=service, number=number, refusal=refusal) from refusal
        return Port(number=number, fixed=True, file=file)
    for _ in range(ATTEMPTS):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            candidate = int(probe.getsockname()[1])
            if _take(file, candidate):
                return Port(number=candidate, fixed=False, file=file)
    raise EnvironmentNotAbleError(
        f"no free port was found for {service}",
        evidence=[f"{ATTEMPTS} ports that the system offered on {HOST} were claimed by others"],
        remedy="end what holds so many ports, or set a fixed one in [tool.mage-harness.ports]",
    )


def taken(*, service: str, number: int, refusal: OSError | None = None) -> EnvironmentNotAbleError:
    """The error for a fixed port that cannot be had, mostly because somebody else has it.

    Args:
        service: Who it is for.
        number: The port.
        refusal: What the system said, where it is known.
    """
    if refusal is not None and refusal.errno != errno.EADDRINUSE:
        return EnvironmentNotAbleError(
            f"port {number}, set for {service}, cannot be listened on",
            cause=str(refusal.strerror or refusal),
            remedy=f"set another port for {service} in [tool.mage-harness.ports], or remove the "
            "setting so that a free one is chosen",
        )
    return EnvironmentNotAbleError(
        f"port {number}, set for {service}, is taken",
        cause=f"another process listens on {HOST}:{number}, or another harness has claimed it",
        remedy=f"end that process, set another port for {service} in [tool.mage-harness.ports], "
        "or remove the setting so that a free one is chosen",
    )


def _refusal(number: int) -> OSError | None:
    """What the system says against listening on a port; None where it says nothing."""
    with socket.socket() as probe:
        # As servers do: a connection that has just been closed does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError as error:
            return error
    return None


def _take(file: str, number: int) -> bool:
    with _lock:
        # The lock belongs to the process and not to a thread, and a fork does not inherit it.
        mine = (file, os.getpid(), number)
        if mine in _mine:
            return False
        try:
            fcntl.lockf(_descriptor(file), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError as error:
            if error.errno in {errno.EACCES, errno.EAGAIN}:
                return False
            raise
        _mine.add(mine)
        return True


def _descriptor(file: str) -> int:
    """The open file of locks: kept open, because closing it would drop all of this process's."""
    key = (file, os.getpid())
    if key not in _files:
        path = Path(file)
        try:
            with explained(path, doing="claiming a port"):
                path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                _files[key] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise EnvironmentNotAbleError(
                f"ports cannot be claimed: {path} cannot be written",
                cause=str(error.strerror or error),
                remedy="make that folder writable, or name another one by MAGE_HARNESS_CACHE",
            ) from error
    return _files[key]
