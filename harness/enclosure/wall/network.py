"""The inside of a new network namespace: every address is its own, and ends in it.

So a connection to wherever is refused at once by the kernel, and nothing waits for a timeout.
"""

from __future__ import annotations

import fcntl
import socket
import struct

_SET_FLAGS, _UP = 0x8914, 0x1
_NEW_ROUTE, _ERROR = 24, 2
_CREATE = 0x1 | 0x4 | 0x400  # request, acknowledge, create
_LOCAL_TABLE, _STATIC, _HOST_SCOPE, _LOCAL = 255, 4, 254, 2
_OUT, _SOURCE = 4, 7
_FREE_BIND = 15
_V6, _V6_FREE_BIND = 41, 78
_BACKLOG = 512
_PACKET_INFO = 8
_EVERYTHING = 0x0003
_FORCE_BUFFER, _BUFFER = 33, 4 << 20
NAMES_PORT = 53


def open_network() -> None:
    """Make the loopback work, and every address one of this namespace.

    Raises:
        OSError: It is not permitted.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))
    _every_address(socket.AF_INET, source="127.0.0.1")
    try:
        _every_address(socket.AF_INET6, source="::1")
    except OSError:
        # A kernel without IPv6 has no way out by it either.
        return


def listener(host: str, port: int) -> socket.socket:
    """A socket that listens on any address, whether or not a device has it.

    Raises:
        OSError: It cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # One address has a door of its own, and all others have another at the same port.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(_V6, socket.IPV6_V6ONLY, 1)
            listening.setsockopt(_V6, _V6_FREE_BIND, 1)
        else:
            listening.setsockopt(socket.IPPROTO_IP, _FREE_BIND, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def name_servers() -> list[socket.socket]:
    """Sockets for look-ups of names, at whatever name server they are asked."""
    found = []
    for family, level, option, host in (
        (socket.AF_INET, socket.IPPROTO_IP, _PACKET_INFO, "0.0.0.0"),  # noqa: S104 - its own net
        (socket.AF_INET6, _V6, socket.IPV6_RECVPKTINFO, "::"),
    ):
        try:
            asked = socket.socket(family, socket.SOCK_DGRAM)
            if family == socket.AF_INET6:
                asked.setsockopt(_V6, socket.IPV6_V6ONLY, 1)
            # An answer must come from the address that was asked.
            asked.setsockopt(level, option, 1)
            asked.bind((host, NAMES_PORT))
        except OSError:
            continue
        found.append(asked)
    return found


def sniffer() -> socket.socket:
    """A socket that sees what is sent in this namespace.

    Raises:
        OSError: It is not permitted, or the kernel has none.
    """
    seeing = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_EVERYTHING))
    try:
        seeing.setsockopt(socket.SOL_SOCKET, _FORCE_BUFFER, _BUFFER)
    except OSError:
        # Older kernels give it to root only; this is as much as they give to all.
        seeing.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    return seeing


def _every_address(family: socket.AddressFamily, *, source: str) -> None:
    """What `ip route add local default dev lo src SOURCE table local` does."""
    loopback = socket.if_nametoindex("lo")
    route = struct.pack("BBBBBBBBI", family, 0, 0, 0, _LOCAL_TABLE, _STATIC, _HOST_SCOPE, _LOCAL, 0)
    route += _attribute(_OUT, struct.pack("i", loopback))
    route += _attribute(_SOURCE, socket.inet_pton(family, source))
    header = struct.pack("IHHII", 16 + len(route), _NEW_ROUTE, _CREATE, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.send(header + route)
        answer = kernel.recv(4096)
    kind, error = struct.unpack_from("H", answer, 4)[0], struct.unpack_from("i", answer, 16)[0]
    if kind == _ERROR and error:
        raise OSError(-error, "the route of every address cannot be made")


def _attribute(kind: int, value: bytes) -> bytes:
    padding = -len(value) % 4
    return struct.pack("HH", 4 + len(value), kind) + value + bytes(padding)
