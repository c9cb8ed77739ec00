"""Whose a container or network is: the labels of a session, and which sessions are dead."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from harness.containers.sweep import LABEL
from harness.machine.watchdog import birth

if TYPE_CHECKING:
    from harness.containers.engine import Engine

PROCESS = "mage-harness.process"


def labels(session: str) -> dict[str, str]:
    """The labels of all that a session has: its own value, and the process that holds it."""
    return {LABEL: session, PROCESS: _process(os.getpid())}


def leftovers(engine: Engine) -> list[str]:
    """The networks of sessions whose process has ended on this machine, by name.

    They are only named: what is removed without being asked is one's own.
    """
    dead = []
    for network in engine.client.api.networks(filters={"label": LABEL}):
        holder = (network.get("Labels") or {}).get(PROCESS, "")
        machine, _, rest = holder.partition(" ")
        pid, _, born = rest.partition(" ")
        if machine == _machine() and pid.isdecimal() and birth(int(pid)) != born:
            dead.append(str(network["Name"]))
    return sorted(dead)


def _process(pid: int) -> str:
    return f"{_machine()} {pid} {birth(pid)}"


def _machine() -> str:
    """This run of this machine, and the namespace in which a process's number means something."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return os.uname().nodename
