"""Each ``connect`` asks before it is made: by whom, where to, and whether it may be."""

from __future__ import annotations

import errno
import fcntl
import ipaddress
import os
import select
import socket
import struct
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .kernel import copied_descriptor
from .network import NAMES_PORT
from .processes import is_bound_inside, is_own_address, listens, memory_of, process_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from .report import Reporter

_RECEIVE, _SEND, _IS_VALID = 0xC0502100, 0xC0182101, 0x40082102
_QUESTION = struct.Struct("QII iIQ 6Q")
_REPLY = struct.Struct("QqiI")
_GO_ON = 1
_FAMILY = struct.Struct("H")
_UNREADABLE = "an address that cannot be read"
# They serve the machine's own look-ups and logs: a library that asks them goes on without.
_QUIET = (
    *("/run/nscd", "/run/systemd", "/run/avahi-daemon", "/run/dbus", "/run/.heim_org.h5l.kcm"),
    *("/var/lib/sss", "/dev/log"),
)


class Attempt(NamedTuple):
    """A call of ``connect`` that waits for a reply.

    Attributes:
        number: What the reply is for.
        thread: Who calls.
        descriptor: Its socket.
        address: The content of its ``struct sockaddr``.
    """

    number: int
    thread: int
    descriptor: int
    address: bytes


class Connects:
    """Lets through what stays within the run, and tells of the rest.

    Args:
        doors: Addresses and ports that lead out.
        ports: Ports at which each address is the private PostgreSQL.
        places: Folders and sockets of the file system that are the run's own.
        reporter: Is told of what is refused.
        name_of: Gives the name that was looked up for an address, or the address itself.
    """

    def __init__(
        self,
        doors: Collection[tuple[str, int]],
        *,
        ports: Collection[int],
        places: Collection[str],
        reporter: Reporter,
        name_of: Callable[[str], str],
    ) -> None:
        self._doors = frozenset(doors)
        self._ports = frozenset(ports)
        self._name_of = name_of
        self._places = tuple(os.path.realpath(place) for place in places)
        self._reporter = reporter
        self._judging: set[threading.Thread] = set()
        self._aims: dict[tuple[str, int], dict[str, Any]] = {}

    def serve(self, listener: int) -> None:
        """Reply until there is nobody left who could ask.

        Args:
            listener: Where they ask; see ``kernel.listen_for_connects``.
        """
        while True:
            buffer = bytearray(_QUESTION.size)
            try:
                fcntl.ioctl(listener, _RECEIVE, buffer, True)  # noqa: FBT003 - its only way
            except InterruptedError:
                continue
            except OSError as error:
                if error.errno == errno.ENOENT and not _is_over(listener):
                    # Who asked was ended meanwhile.
                    continue
                return
            number, thread, _, _, _, _, descriptor, at, length, *_ = _QUESTION.unpack(buffer)
            try:
                attempt = Attempt(number, thread, descriptor, memory_of(thread, at, length))
            except PermissionError:
                self._reporter.refused(_UNREADABLE, thread=thread)
                _reply(listener, number, errno.ECONNREFUSED)
            except (OSError, OverflowError):
                # There is no such memory, as the kernel would say.
                _reply(listener, number, errno.EFAULT)
            else:
                if _is_waiting(listener, number):
                    self._answer(listener, attempt)

    def finish(self, until: float) -> None:
        """Wait until what is being judged is told of.

        Args:
            until: How long at the most, by the monotonic clock.
        """
        for one in tuple(self._judging):
            if one.is_alive():
                one.join(max(0.0, until - time.monotonic()))

    def is_postgres(self, port: int) -> bool:
        """Whether each address is the private PostgreSQL at a port."""
        return port in self._ports

    def aimed(self, host: str, port: int) -> dict[str, Any] | None:
        """Who last said of a socket of datagrams that they go somewhere, as ``Reporter.look``."""
        return self._aims.get((host, port))

    def _answer(self, listener: int, attempt: Attempt) -> None:
        """Reply, if need be in a thread of its own, so that nobody waits for another's place."""
        if self._is_door(attempt):
            _reply(listener, attempt.number, 0)
            return
        one = threading.Thread(target=self._judge, args=(listener, attempt), daemon=True)
        self._judging.add(one)
        try:
            one.start()
        except RuntimeError:
            # There are too many threads for now.
            self._judging.discard(one)
            self._judge(listener, attempt)

    def _is_door(self, attempt: Attempt) -> bool:
        """Whether it is one of the services, which need not wait for others."""
        target = internet_address(attempt.address)
        return target is not None and target in self._doors

    def _judge(self, listener: int, attempt: Attempt) -> None:
        try:
            error = self._refusal(attempt)
        except Exception as failure:  # noqa: BLE001 - what is not understood is not let through
            self._reporter.refused(f"{_UNREADABLE} ({failure})", thread=attempt.thread)
            error = errno.ECONNREFUSED
        _reply(listener, attempt.number, error)
        self._judging.discard(threading.current_thread())

    def _refusal(self, attempt: Attempt) -> int:
        """The number of the error that the call fails with; 0 for none."""
        path = unix_path(attempt.address)
        if path is not None:
            return self._unix(path, attempt.thread)
        target = internet_address(attempt.address)
        if target is None or not self._leaves(*target, attempt):
            return 0
        host, port = self._name_of(target[0]), target[1]
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._reporter.refused(shown, thread=attempt.thread)
        return errno.ECONNREFUSED

    def _leaves(self, host: str, port: int, attempt: Attempt) -> bool:
        process = process_of(attempt.thread)
        if self.is_postgres(port) and listens(port, process=process):
            return False
        if _sends_nothing(process, attempt.descriptor):
            # Its datagrams are seen when they are sent, and known by this then.
            if port != NAMES_PORT and not is_own_address(host):
                self._aims[host, port] = self._reporter.look(attempt.thread)
            return False
        address = ipaddress.ip_address(host)
        if not (address.is_loopback or address.is_unspecified or is_own_address(host)):
            return True
        # The same port of this machine itself is somebody's who is no part of the run. Where
        # nobody listens, the kernel says so, and that is no attempt to leave.
        return not listens(port, process=process) and listens(port)

    def _unix(self, path: str, thread: int) -> int:
        process = process_of(thread)
        if not path.startswith("/"):
            try:
                path = str(Path(f"/proc/{process}/cwd").readlink() / path)
            except OSError:
                return 0
        if not os.path.exists(path):  # noqa: PTH110 - raises nothing
            return 0
        real = os.path.realpath(path)
        own = any(real == place or real.startswith(f"{place}/") for place in self._places)
        if own or is_bound_inside(path, process=process):
            return 0
        if real.removeprefix("/var").startswith(_QUIET) or real.startswith(_QUIET):
            return errno.ENOENT
        self._reporter.refused(path, thread=thread)
        return errno.ECONNREFUSED


def internet_address(content: bytes) -> tuple[str, int] | None:
    """Host and port of a ``struct sockaddr``; None where it is of another family."""
    if len(content) < _FAMILY.size:
        return None
    family = _FAMILY.unpack_from(content)[0]
    if family == socket.AF_INET and len(content) >= 8:  # noqa: PLR2004
        packed = content[4:8]
    elif family == socket.AF_INET6 and len(content) >= 24:  # noqa: PLR2004
        packed = content[8:24]
    else:
        return None
    address = ipaddress.ip_address(packed)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address), struct.unpack_from("!H", content, 2)[0]


def unix_path(content: bytes) -> str | None:
    """The path of a ``struct sockaddr_un``; None for abstract names and for other families."""
    if len(content) <= _FAMILY.size or _FAMILY.unpack_from(content)[0] != socket.AF_UNIX:
        return None
    return os.fsdecode(content[_FAMILY.size :].split(b"\0", 1)[0]) or None


def _sends_nothing(process: int, descriptor: int) -> bool:
    """Whether it is a socket of datagrams, whose ``connect`` only says where later ones go."""
    try:
        with socket.socket(fileno=copied_descriptor(process, descriptor)) as copy:
            return copy.type in (socket.SOCK_DGRAM, socket.SOCK_RAW)
    except OSError:
        return False


def _is_waiting(listener: int, number: int) -> bool:
    """Whether who asked is still there, so that what was read was not another's memory."""
    try:
        fcntl.ioctl(listener, _IS_VALID, struct.pack("Q", number))
    except OSError as error:
        return error.errno != errno.ENOENT
    return True


def _is_over(listener: int) -> bool:
    """Whether nobody is left who could ask: the kernel then says at once that nobody does."""
    poll = select.poll()
    poll.register(listener, 0)
    return bool(poll.poll(0))


def _reply(listener: int, number: int, error: int) -> None:
    reply = bytearray(_REPLY.pack(number, 0, -error, 0 if error else _GO_ON))
    try:
        fcntl.ioctl(listener, _SEND, reply, True)  # noqa: FBT003 - its only way
    except OSError:
        # Who asked is gone.
        return
