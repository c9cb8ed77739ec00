"""Where a server is asked: an address that follows from all that makes it of use, and no other.

The server hears its own user alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import harness.enclosure
from harness.machine.meeting import address
from harness.tap import SITE, WARM

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "mage-harness-warm"
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
    return address(PREFIX, key)


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
