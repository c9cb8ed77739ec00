"""Where processes of one user meet: addresses of Linux that have no place in the file system.

They end with the process that listens, however it ends. Only who is in the same network namespace
can ask there, so nothing within the walls of a run.
"""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path

_CREDENTIALS = struct.Struct("3i")


def address(prefix: str, name: str) -> str:
    """An address of this user.

    Args:
        prefix: What listens there.
        name: Which one, without spaces.
    """
    return f"\0{prefix}-{os.getuid()}-{name}"


def addresses(prefix: str) -> list[str]:
    """The addresses of this user at which somebody listens now.

    Args:
        prefix: What listens there.
    """
    start = "@" + address(prefix, "")[1:]
    listed = Path("/proc/net/unix")
    lines = listed.read_text("utf-8", "replace").splitlines() if listed.is_file() else []
    found = {line.rsplit(" ", 1)[-1] for line in lines}
    return sorted("\0" + one[1:] for one in found if one.startswith(start))


def opened(address: str) -> socket.socket | None:
    """A socket that is asked at an address; None where one is already.

    Args:
        address: The address.
    """
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        listening.bind(address)
        listening.listen(128)
    except OSError:
        listening.close()
        return None
    return listening


def connected(address: str) -> socket.socket | None:
    """A line to who listens at an address; None where it is nobody of this user.

    Args:
        address: The address.
    """
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        line.connect(address)
        own = is_own(line)
    except OSError:
        own = False
    if not own:
        # Nobody, or another user was there first.
        line.close()
        return None
    return line


def is_own(line: socket.socket) -> bool:
    """Whether the other end of a line is a process of this user.

    Raises:
        OSError: The line is broken.
    """
    return _peer(line)[1] == os.getuid()


def listener(line: socket.socket) -> int:
    """The number of the process that listens at the other end of a line.

    Raises:
        OSError: The line is broken.
    """
    return _peer(line)[0]


def _peer(line: socket.socket) -> tuple[int, int]:
    found = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, user, _ = _CREDENTIALS.unpack(found)
    return pid, user
