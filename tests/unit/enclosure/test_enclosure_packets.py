"""What goes over the wire inside: names, packets and addresses, read byte by byte."""

from __future__ import annotations

import socket
import struct

import pytest

from harness.enclosure.wall.connects import internet_address, unix_path
from harness.enclosure.wall.names import answer, question_of
from harness.enclosure.wall.packets import Packet, packet_of

A, AAAA, MX = 1, 28, 15


def query(name: str, kind: int = A) -> bytes:
    labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split(".") if one)
    return struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!xHH", kind, 1)


def answered(name: str, kind: int, addresses: list[str] | None) -> tuple[int, list[bytes]]:
    packet = query(name, kind)
    question = question_of(packet)
    assert question is not None
    reply = answer(packet, question, addresses)
    number, flags, questions, answers, *_ = struct.unpack_from("!HHHHHH", reply)
    assert (number, flags & 0x8100, questions) == (7, 0x8100, 1)
    rest, found = reply[len(packet) :], []
    for _ in range(answers):
        length = struct.unpack_from("!H", rest, 10)[0]
        found.append(rest[12 : 12 + length])
        rest = rest[12 + length :]
    assert rest == b""
    return flags & 0xF, found


@pytest.mark.parametrize(
    ("kind", "addresses", "status", "found"),
    [
        (A, None, 3, []),
        (A, ["10.0.0.9", "fd00::9", "10.0.0.8"], 0, ["10.0.0.9", "10.0.0.8"]),
        (AAAA, ["10.0.0.9", "fd00::9"], 0, ["fd00::9"]),
        (MX, ["10.0.0.9"], 0, []),
    ],
)
def test_a_name_is_answered_by_its_kind(kind, addresses, status, found) -> None:
    family = socket.AF_INET6 if kind == AAAA else socket.AF_INET
    packed = [socket.inet_pton(family, one) for one in found]

    assert answered("db.corp", kind, addresses) == (status, packed)


def test_a_name_is_read_in_lower_case() -> None:
    question = question_of(query("DB.Example.COM"))
    assert question is not None
    assert question.name == "db.example.com"


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"x\n",
        query("db.corp")[:-4],
        query("db.corp")[:20],
        b"\0\7\x81\0" + query("db.corp")[4:],
        query("db.corp")[:12] + b"\xc0\x0c\0\1\0\1",
    ],
)
def test_what_is_no_query_is_passed_over(packet: bytes) -> None:
    assert question_of(packet) is None


def ipv4(protocol: int, payload: bytes, *, options: bytes = b"") -> bytes:
    words = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH", 0x40 | words, 0, 0, 0, 0, 64, protocol, 0)
    return head + bytes(4) + socket.inet_aton("198.51.100.1") + options + payload


def ipv6(protocol: int, payload: bytes) -> bytes:
    head = struct.pack("!IHBB", 0x60000000, len(payload), protocol, 64)
    return head + bytes(16) + socket.inet_pton(socket.AF_INET6, "2001:db8::7") + payload


PORTS = struct.pack("!HHI", 40000, 443, 0)


@pytest.mark.parametrize(
    ("content", "packet"),
    [
        (ipv4(6, PORTS), Packet("198.51.100.1", 443, 40000, "TCP")),
        (ipv4(17, PORTS, options=bytes(8)), Packet("198.51.100.1", 443, 40000, "UDP")),
        (ipv6(17, PORTS), Packet("2001:db8::7", 443, 40000, "UDP")),
        (ipv4(1, b"\x08" + bytes(7)), Packet("198.51.100.1", 0, 0, "ICMP")),
        (ipv4(1, b"\x03" + bytes(7)), None),
        (ipv4(6, PORTS)[:24], None),
        (b"", None),
    ],
)
def test_where_a_packet_goes(content: bytes, packet: Packet | None) -> None:
    assert packet_of(content) == packet


@pytest.mark.parametrize(
    ("family", "rest", "found"),
    [
        (socket.AF_INET, struct.pack("!H4s8x", 80, bytes([10, 0, 0, 9])), ("10.0.0.9", 80)),
        (
            socket.AF_INET6,
            struct.pack("!HI16sI", 80, 0, socket.inet_pton(socket.AF_INET6, "fd00::9"), 0),
            ("fd00::9", 80),
        ),
        (
            socket.AF_INET6,
            struct.pack("!HI16sI", 80, 0, socket.inet_pton(socket.AF_INET6, "::ffff:10.0.0.9"), 0),
            ("10.0.0.9", 80),
        ),
        (socket.AF_INET, b"\0\x50", None),
        (socket.AF_UNSPEC, bytes(14), None),
    ],
)
def test_an_address_of_the_internet(family, rest, found) -> None:
    assert internet_address(struct.pack("H", family) + rest) == found


@pytest.mark.parametrize(
    ("rest", "path"),
    [
        (b"/run/x.sock\0rest", "/run/x.sock"),
        (b"x.sock", "x.sock"),
        (b"\0abstract", None),
        (b"", None),
    ],
)
def test_a_path_of_a_socket(rest: bytes, path: str | None) -> None:
    assert unix_path(struct.pack("H", socket.AF_UNIX) + rest) == path
