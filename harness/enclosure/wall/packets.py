"""Packets to other machines, seen where they are sent: what asked nobody before it sent them."""

from __future__ import annotations

import ipaddress
import select
import socket
import struct
from typing import TYPE_CHECKING, NamedTuple

from .kernel import with_program
from .network import NAMES_PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

_TCP, _UDP = 6, 17
_ECHOES = {1: 8, 58: 128}
_OUTGOING = 4
_ATTACH_FILTER = 26
_KIND_OF_PACKET = 0xFFFFF004
_V6_HEADER = 40
_WHOLE = 0xFFFF


class Packet(NamedTuple):
    """Where a packet was to go.

    Attributes:
        host: The address.
        port: The port; 0 where it has none.
        source: The port that it was sent from.
        kind: ``TCP``, ``UDP`` or ``ICMP``.
    """

    host: str
    port: int
    source: int
    kind: str


def only_beginnings(seeing: socket.socket) -> None:
    """Have the kernel show what is sent, and of TCP only what asks for a connection.

    Args:
        seeing: A packet socket.
    """
    load, load_at, and_, equal, length, give = 0x30, 0x50, 0x54, 0x15, 0xB1, 0x06
    program = (
        (load, 0, 0, _KIND_OF_PACKET),
        (equal, 1, 0, _OUTGOING),
        (give, 0, 0, 0),
        (load, 0, 0, 0),
        (and_, 0, 0, 0xF0),
        (equal, 6, 0, 0x60),
        (load, 0, 0, 9),
        (equal, 0, 9, _TCP),
        (length, 0, 0, 0),
        (load_at, 0, 0, 13),
        (and_, 0, 0, 0x12),
        (equal, 5, 6, 0x02),
        (load, 0, 0, 6),
        (equal, 0, 3, _TCP),
        (load, 0, 0, _V6_HEADER + 13),
        (and_, 0, 0, 0x12),
        (equal, 0, 1, 0x02),
        (give, 0, 0, _WHOLE),
        (give, 0, 0, 0),
    )
    asked, kept = with_program(program)
    seeing.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, bytes(asked))
    del kept


def off_machine(seeing: socket.socket, *, line: socket.socket) -> Iterator[Packet]:
    """What is sent to other machines, until there is an end of it.

    Args:
        seeing: A packet socket in the namespace.
        line: Can be read from when the run has ended; what was sent before is still seen.
    """
    while seeing in select.select([seeing, line], [], [])[0]:
        try:
            content, (_, _, kind, *_) = seeing.recvfrom(256)
        except OSError:
            continue
        if kind == _OUTGOING:
            packet = packet_of(content)
            if packet is not None and not _passed_over(packet):
                yield packet


def packet_of(content: bytes) -> Packet | None:
    """Where a packet goes, from its header on; None for what is none of TCP, UDP and ping."""
    if len(content) < _V6_HEADER // 2:
        return None
    if content[0] >> 4 == 6:  # noqa: PLR2004 - the version
        protocol, start, host = content[6], _V6_HEADER, content[24:40]
    else:
        protocol, start, host = content[9], (content[0] & 0xF) * 4, content[16:20]
    if len(content) < start + 8:
        return None
    address = str(ipaddress.ip_address(host))
    if protocol in (_TCP, _UDP):
        source, port = struct.unpack_from("!HH", content, start)
        return Packet(address, port, source, "TCP" if protocol == _TCP else "UDP")
    if _ECHOES.get(protocol) == content[start]:
        return Packet(address, 0, 0, "ICMP")
    return None


def _passed_over(packet: Packet) -> bool:
    """Whether somebody else tells of it, or it stays on this machine."""
    host = ipaddress.ip_address(packet.host)
    return host.is_loopback or (packet.kind == "UDP" and NAMES_PORT in (packet.port, packet.source))
