"""Where a server is asked: an address that follows from all that makes it of use, and no other.

It is an address of Linux that has no place in the file system. Only who is in the same network
namespace can ask there, so nothing within the walls of a run; and the server hears its own user
alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import socket
import struct
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import harness.enclosure
from harness.tap import SITE, WARM

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "mage-harness-warm"
_CREDENTIALS = struct.Struct("3i")
_OF_STATUS = ("SigBlk", "SigIgn", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs")
_SPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")


def address_of(command: tuple[str, ...], *, env: Mapping[str, str]) -> str:
    """The address of the server for a command.

    Args:
        command: The words that start Mage.
        env: The variables of the server.
    """
    facts = [command, sorted(env.items()), _code(), _circumstances()]
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]
    return f"\0{PREFIX}-{os.getuid()}-{key}"


def addresses() -> list[str]:
    """The addresses at which servers of this user are asked now."""
    start = f"@{PREFIX}-{os.getuid()}-"
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
    """A line to the server at an address; None where there is none of this user.

    Args:
        address: The address.
    """
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        line.connect(address)
        peer = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    except OSError:
        line.close()
        return None
    if _CREDENTIALS.unpack(peer)[1] != os.getuid():
        # Another user was there first.
        line.close()
        return None
    return line


@cache
def _code() -> str:
    """What changes with the server's own code, and that which it loads of the harness."""
    digest = hashlib.sha256()
    for folder in (WARM, SITE, Path(harness.enclosure.__file__).parent / "wall"):
        for file in sorted(folder.rglob("*.py")):
            digest.update(str(file).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _circumstances() -> list[object]:
    """What a process that is started has of the one that starts it."""
    own = Path("/proc/self")
    status = dict(line.split(":", 1) for line in (own / "status").read_text().splitlines())
    limits = [resource.getrlimit(number) for number in sorted(set(_limits()))]
    spaces = [
        one.stat().st_ino for one in ((own / "ns" / name) for name in _SPACES) if one.exists()
    ]
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    return [
        *(status.get(name, "") for name in _OF_STATUS),
        *(limits, spaces, nice, sorted(os.sched_getaffinity(0)), os.getgid(), os.getgroups()),
        *((own / name).read_text() for name in ("cgroup", "oom_score_adj")),
        (own / "root").stat().st_ino,
    ]


def _limits() -> list[int]:
    return [getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")]
