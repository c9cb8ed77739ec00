"""Look-ups of names: a few are answered, all others exist nowhere and are told of (RFC 1035)."""

from __future__ import annotations

import ipaddress
import select
import socket
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_HEADER = struct.Struct("!HHHHHH")
_ANSWER, _RECURSIVE, _ASKED_RECURSIVE = 0x8000, 0x0080, 0x0100
_NO_SUCH_NAME = 3
_A, _AAAA, _IN = 1, 28, 1
_FIRST_NAME = 0xC000 | _HEADER.size
_LARGEST_LABEL = 63
_LIFETIME = 1
_FAKE = ipaddress.ip_network("198.18.0.0/15")
"""Addresses that nobody has (RFC 2544)."""
_SERVERS = (
    *(".docker.internal", ".rds.amazonaws.com", ".postgres.database.azure.com", ".neon.tech"),
    *(".supabase.co", ".supabase.com", ".elephantsql.com", ".aivencloud.com", ".render.com"),
    *(".ondigitalocean.com", ".timescale.com", ".cockroachlabs.cloud", ".railway.app", ".rlwy.net"),
)
_LARGEST = 4096


class Question(NamedTuple):
    """What was asked.

    Attributes:
        name: In lower case, without the last dot.
        kind: The type of record.
        end: Where the question ends in the packet.
    """

    name: str
    kind: int
    end: int


def question_of(packet: bytes) -> Question | None:
    """The one question of a packet; None where it is no query that can be read."""
    if len(packet) < _HEADER.size:
        return None
    _, flags, count, *_ = _HEADER.unpack_from(packet)
    if flags & _ANSWER or count != 1:
        return None
    labels, at = [], _HEADER.size
    while at < len(packet) and packet[at]:
        length = packet[at]
        if length > _LARGEST_LABEL:
            return None
        labels.append(packet[at + 1 : at + 1 + length].decode("ascii", "replace").lower())
        at += 1 + length
    if at + 5 > len(packet):
        return None
    kind = struct.unpack_from("!H", packet, at + 1)[0]
    return Question(".".join(labels), kind, at + 5)


def answer(packet: bytes, question: Question, addresses: Sequence[str] | None) -> bytes:
    """The answer to a query.

    Args:
        packet: The query.
        question: What it asks.
        addresses: The name's addresses; None where there is no such name.
    """
    number, flags = struct.unpack_from("!HH", packet)
    flags = _ANSWER | _RECURSIVE | (flags & _ASKED_RECURSIVE)
    if addresses is None:
        flags |= _NO_SUCH_NAME
    families = {_A: socket.AF_INET, _AAAA: socket.AF_INET6}
    family = families.get(question.kind)
    fit = [
        socket.inet_pton(family, one)
        for one in addresses or ()
        if family is not None and (":" in one) == (family == socket.AF_INET6)
    ]
    records = b"".join(
        struct.pack("!HHHIH", _FIRST_NAME, question.kind, _IN, _LIFETIME, len(one)) + one
        for one in fit
    )
    head = _HEADER.pack(number, flags, 1, len(fit), 0, 0)
    return head + packet[_HEADER.size : question.end] + records


class Names:
    """What is answered, and who is told of the rest.

    Args:
        known: Addresses by name.
        refuse: Is told of a look-up: the name, and the port that it was asked from.
        servers: Whether names of database servers have addresses: those that compose gives, which
            have no dot, and those of well-known hosts of PostgreSQL.
    """

    def __init__(
        self,
        known: Mapping[str, Sequence[str]],
        *,
        refuse: Callable[[str, int], None],
        servers: bool = False,
    ) -> None:
        self._known = {name.lower(): tuple(addresses) for name, addresses in known.items()}
        self._known[socket.gethostname().lower()] = ("127.0.0.1", "::1")
        self._refuse = refuse
        self._last: tuple[str, int] | None = None
        self._servers = servers
        self._given: dict[str, str] = {}

    def serve(self, asked: socket.socket, *, line: socket.socket) -> None:
        """Answer until there is nothing more to answer.

        Args:
            asked: Bound to the port of name servers inside the namespace.
            line: Can be read from when the run has ended; what was asked before is still seen.
        """
        while asked in select.select([asked, line], [], [])[0]:
            try:
                packet, extra, _, client = asked.recvmsg(_LARGEST, 256)
                question = question_of(packet)
                if question is None:
                    continue
                reply = answer(packet, question, self._addresses(question, client[1]))
                asked.sendmsg([reply], extra[:1], 0, client)
            except OSError:
                # Who asked has gone.
                continue

    def name_of(self, address: str) -> str:
        """The name that an address was given for, or the address itself."""
        return self._given.get(address, address)

    def _address_for(self, name: str) -> str:
        for address, known in self._given.items():
            if known == name:
                return address
        address = str(_FAKE[len(self._given) % _FAKE.num_addresses])
        self._given[address] = name
        return address

    def _addresses(self, question: Question, port: int) -> Sequence[str] | None:
        name = question.name
        if name == "localhost" or name.endswith(".localhost"):
            return ("127.0.0.1", "::1")
        if name in self._known:
            return self._known[name]
        if self._servers and _is_server(name):
            return (self._address_for(name),)
        if not _of_this_machine(name) and self._last != (name, port):
            # The one look-up asks for both kinds of address.
            self._last = (name, port)
            self._refuse(name, port)
        return None


def _is_server(name: str) -> bool:
    """Whether a name is one that a database server may have."""
    return bool(name) and ("." not in name or name.endswith(_SERVERS))


def _of_this_machine(name: str) -> bool:
    """Whether it asks what the loopback's addresses are called."""
    return name.endswith("127.in-addr.arpa") or name == ".".join(["1", *"0" * 31, "ip6", "arpa"])
