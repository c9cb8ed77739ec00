"""The process that stays outside: it leads to the doors, and tells of what went elsewhere."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn

from . import TOLD, postgres, relay
from .connects import Connects
from .names import Names
from .packets import Packet, off_machine, only_beginnings
from .processes import is_own_address, owner_of
from .report import Reporter

if TYPE_CHECKING:
    from collections.abc import Callable

_LARGEST = 1 << 20
_MOST_DESCRIPTORS = 250
_STACK = 1 << 18
_LAST = 0.5
"""Seconds to tell of what was tried just before the end."""


def stand(handover: socket.socket, *, question: socket.socket, line: socket.socket) -> NoReturn:
    """Serve until the run has ended.

    Args:
        handover: Brings the sockets of the namespace, and what is to be known of them.
        question: Leads to the tap in Mage's process.
        line: Leads to the harness, which closes its side when Mage's process has ended.
    """
    try:
        _stand(handover, question=question, line=line)
    except BaseException as error:  # noqa: BLE001 - whatever it is, nobody would hear of it
        _give_up(line, repr(error))
    os._exit(0)


def _stand(handover: socket.socket, *, question: socket.socket, line: socket.socket) -> None:
    content, descriptors, *_ = socket.recv_fds(handover, _LARGEST, _MOST_DESCRIPTORS)
    handover.close()
    if not content:
        return
    threading.stack_size(_STACK)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    gate = _Gate(json.loads(content), question=question, line=line)
    for kind, descriptor in zip(gate.facts["kinds"], descriptors, strict=True):
        gate.take(kind, descriptor)
    select.select([line], [], [])
    gate.finish()
    with contextlib.suppress(OSError):
        line.send(TOLD)
        line.shutdown(socket.SHUT_RDWR)


class _Gate:
    def __init__(
        self, facts: dict[str, Any], *, question: socket.socket, line: socket.socket
    ) -> None:
        self.facts = facts
        self._line = line
        self._doors = [(address, port) for address, port, _ in facts["doors"]]
        self._reporter = Reporter(
            facts["events"],
            mage=facts["mage"],
            question=question,
            give_up=lambda reason: _give_up(line, reason),
        )
        self._login = postgres.login_of(facts["postgres"])
        self._names = Names(facts["names"], refuse=self._name, servers=bool(facts["postgres"]))
        self._connects = Connects(
            self._doors,
            ports=facts["ports"],
            places=facts["places"],
            reporter=self._reporter,
            name_of=self._names.name_of,
        )
        self._ending: list[threading.Thread] = []

    def take(self, kind: str, descriptor: int) -> None:
        """Serve one socket in a thread of its own.

        Args:
            kind: What it is for: ``door N``, ``postgres``, ``names``, ``packets`` or ``connects``.
            descriptor: The socket.
        """
        name, _, number = kind.partition(" ")
        if name == "door":
            _, port, host = self.facts["doors"][int(number)]
            own = (host, port) == (self._login.host, self._login.port)
            self._lead(descriptor, None if own else (host, port))
        elif name == "postgres":
            self._lead(descriptor, None)
        elif name == "names":
            one = self._start(
                lambda: self._names.serve(socket.socket(fileno=descriptor), line=self._line)
            )
            self._ending.append(one)
        elif name == "packets":
            # The kernel takes its time to close it: that is left to the end of the process.
            self._seeing = socket.socket(fileno=descriptor)
            one = self._start(lambda: self._packets(self._seeing))
            self._ending.append(one)
        else:
            self._start(lambda: self._connects.serve(descriptor))

    def finish(self) -> None:
        """Tell of what was tried up to now."""
        until = time.monotonic() + _LAST
        self._reporter.hurry()
        for one in self._ending:
            one.join(max(0.0, until - time.monotonic()))
        self._connects.finish(until)

    def _lead(self, descriptor: int, to: tuple[str, int] | None) -> None:
        """Lead to an address outside; to the private PostgreSQL where none is given."""

        def lead(near: socket.socket) -> None:
            if to is None:
                postgres.lead(near, self._login)
            else:
                relay.lead_to(near, to)

        self._start(lambda: relay.serve(socket.socket(fileno=descriptor), lead))

    def _start(self, serve: Callable[[], None]) -> threading.Thread:
        def served() -> None:
            try:
                serve()
            except BaseException as error:  # noqa: BLE001 - or nobody would serve any more
                _give_up(self._line, repr(error))

        one = threading.Thread(target=served, daemon=True)
        one.start()
        return one

    def _name(self, name: str, port: int) -> None:
        self._reporter.refused(name, thread=owner_of(port, "UDP", process=self.facts["mage"]))

    def _packets(self, seeing: socket.socket) -> None:
        only_beginnings(seeing)
        for packet in off_machine(seeing, line=self._line):
            if (packet.host, packet.port) in self._doors or is_own_address(packet.host):
                continue
            if packet.kind == "TCP" and self._connects.is_postgres(packet.port):
                continue
            host = self._names.name_of(packet.host)
            shown = f"[{host}]" if ":" in host else host
            where = f"{shown}:{packet.port}" if packet.port else shown
            by = "" if packet.kind == "TCP" else f" ({packet.kind})"
            self._reporter.tell(where + by, self._sender(packet))

    def _sender(self, packet: Packet) -> dict[str, Any]:
        aimed = self._connects.aimed(packet.host, packet.port)
        if aimed is not None:
            return aimed
        if self._reporter.hurried or not packet.source:
            return self._reporter.look(0)
        owner = owner_of(packet.source, packet.kind, process=self.facts["mage"])
        return self._reporter.look(owner)


def _give_up(line: socket.socket, reason: str) -> NoReturn:
    """End, so that the kernel refuses every ``connect``, and the harness tells why."""
    with contextlib.suppress(OSError):
        line.send(reason.encode(), socket.MSG_DONTWAIT)
    os._exit(1)
