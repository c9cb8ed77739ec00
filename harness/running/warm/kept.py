"""The servers that are kept between commands: which there are, and how they are ended."""

from __future__ import annotations

import contextlib
import json
import select
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.machine.meeting import addresses, connected
from harness.plain import counted
from harness.running.warm import place

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

_LARGEST = 1 << 18
_PATIENCE = 0.5


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A server.

    Attributes:
        pid: Its process.
        began: When it was ready, in seconds since the epoch.
        forked: How many runs it has forked.
        loaded: How many modules it has loaded.
    """

    pid: int
    began: float
    forked: int
    loaded: int

    def line(self, *, now: float) -> str:
        """What there is to say of it.

        Args:
            now: Seconds since the epoch.
        """
        minutes = int((now - self.began) / 60)
        return (
            f"server {self.pid}: {self.loaded} modules loaded, {counted(self.forked, 'run')} in "
            f"{counted(minutes, 'minute')}"
        )


def running() -> Iterator[Kept]:
    """The servers of this user that are ready."""
    for line in _lines():
        with line:
            ready = select.select([line], [], [], _PATIENCE)[0]
            with contextlib.suppress(OSError, ValueError):
                told = json.loads(line.recv(_LARGEST)) if ready else {}
                if "pid" in told:
                    facts = {name: told[name] for name in ("pid", "began", "forked", "loaded")}
                    yield Kept(**facts)


def stop() -> int:
    """Have all servers of this user end, as soon as the runs that they have forked are done.

    Returns:
        How many there were.
    """
    count = 0
    for line in _lines():
        count += 1
        with line, contextlib.suppress(OSError):
            line.send(b"stop")
    return count


def _lines() -> Iterator[socket.socket]:
    for address in addresses(place.PREFIX):
        line = connected(address)
        if line is not None:
            yield line
