"""The process that stays outside: it leads to the doors, and tells of what went elsewhere."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, Any, NoReturn

from . import relay
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


def stand(handover: socket.socket, question: socket.socket) -> NoReturn:
    """Serve until the run's group of processes is ended.

    Args:
        handover: Brings the sockets of the namespace, and what is to be known of them.
        question: Leads to the tap in Mage's process.
    """
    # Politely it ends after Mage's own processes, which may still have something to say.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    content, descriptors, *_ = socket.recv_fds(handover, _LARGEST, _MOST_DESCRIPTORS)
    handover.close()
    if not content:
        os._exit(0)
    threading.stack_size(_STACK)
    gate = _Gate(json.loads(content), question)
    for kind, descriptor in zip(gate.facts["kinds"], descriptors, strict=True):
        gate.take(kind, descriptor)
    signal.pause()
    os._exit(0)


class _Gate:
    def __init__(self, facts: dict[str, Any], question: socket.socket) -> None:
        self.facts = facts
        self._doors = [(address, port) for address, port, _ in facts["doors"]]
        self._reporter = Reporter(facts["events"], mage=facts["mage"], question=question)
        self._connects = Connects(self._doors, places=facts["places"], reporter=self._reporter)

    def take(self, kind: str, descriptor: int) -> None:
        """Serve one socket in a thread of its own.

        Args:
            kind: What it is for: ``door N``, ``names``, ``packets`` or ``connects``.
            descriptor: The socket.
        """
        name, _, number = kind.partition(" ")
        if name == "door":
            _, port, host = self.facts["doors"][int(number)]
            _start(lambda: relay.serve(socket.socket(fileno=descriptor), (host, port)))
        elif name == "names":
            names = Names(self.facts["names"], refuse=self._name)
            _start(lambda: names.serve(socket.socket(fileno=descriptor)))
        elif name == "packets":
            _start(lambda: self._packets(socket.socket(fileno=descriptor)))
        else:
            _start(lambda: self._connects.serve(descriptor))

    def _name(self, name: str, port: int) -> None:
        self._reporter.refused(name, thread=owner_of(port, "UDP", process=self.facts["mage"]))

    def _packets(self, seeing: socket.socket) -> None:
        only_beginnings(seeing)
        for packet in off_machine(seeing):
            if (packet.host, packet.port) in self._doors or is_own_address(packet.host):
                continue
            shown = f"[{packet.host}]" if ":" in packet.host else packet.host
            where = f"{shown}:{packet.port}" if packet.port else shown
            by = "" if packet.kind == "TCP" else f" ({packet.kind})"
            self._reporter.tell(where + by, self._sender(packet))

    def _sender(self, packet: Packet) -> dict[str, Any]:
        aimed = self._connects.aimed(packet.host, packet.port)
        if aimed is not None:
            return aimed
        mage = self.facts["mage"]
        owner = owner_of(packet.source, packet.kind, process=mage) if packet.source else 0
        return self._reporter.look(owner)


def _start(serve: Callable[[], None]) -> None:
    threading.Thread(target=serve, daemon=True).start()
