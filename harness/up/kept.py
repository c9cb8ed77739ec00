"""The detached stacks of this user: which there are, and how one is ended for good."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil

from harness.machine import meeting
from harness.machine.watchdog import birth, carriers
from harness.plain import counted
from harness.up.holding import PREFIX, Facts

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from types import TracebackType

_LARGEST = 1 << 18
_ANSWER = 2.0
_ENDING = 60.0
_CLEARING = 30.0


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A detached stack; as a context manager it lets go of the line to it.

    Attributes:
        name: What it is called.
        pid: The process that holds it.
        line: Ends with that process.
        facts: What it says of itself; None while it starts, or where it does not answer.
    """

    name: str
    pid: int
    line: socket.socket
    facts: Facts | None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.line.close()

    def shown(self, *, now: float) -> str:
        """What there is to say of it in a line.

        Args:
            now: Seconds since the epoch.
        """
        if self.facts is None:
            return f"{self.name}: starting or ending, process {self.pid}"
        minutes = int((now - self.facts.began) / 60)
        until = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.facts.until))
        return (
            f"{self.name}: {', '.join(self.facts.services)}; up for {counted(minutes, 'minute')}, "
            f"until {until}; {self.facts.project}; process {self.pid}"
        )

    def end(self) -> list[str]:
        """End it, and look whether all that was its own is gone.

        Returns:
            What is left, a line each: processes, files and folders.
        """
        family = _family(self.pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        if not _ended(self.line, within=_ENDING):
            # Its watchdog clears up then.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        last = time.monotonic() + _CLEARING
        while (left := self._left(family)) and time.monotonic() < last:
            time.sleep(0.05)
        return left

    def _left(self, family: dict[int, str]) -> list[str]:
        alive = {pid for pid, born in family.items() if birth(pid) == born}
        paths: list[str] = []
        if self.facts is not None:
            alive.update(carriers(self.facts.token))
            paths = [path for path in self.facts.left if Path(path).exists()]
        return [*(f"process {pid}" for pid in sorted(alive)), *paths]


def running() -> Iterator[Kept]:
    """The detached stacks of this user, by name; each is to be let go of."""
    prefix = meeting.address(PREFIX, "")
    for address in meeting.addresses(PREFIX):
        line = meeting.connected(address)
        if line is not None:
            yield Kept(
                name=address.removeprefix(prefix),
                pid=meeting.listener(line),
                line=line,
                facts=_facts(line),
            )


def _facts(line: socket.socket) -> Facts | None:
    if not select.select([line], [], [], _ANSWER)[0]:
        return None
    try:
        return Facts(**json.loads(line.recv(_LARGEST)))
    except (OSError, ValueError, TypeError):
        # It ends just now, or is of another version of the harness.
        return None


def _family(pid: int) -> dict[int, str]:
    """A process and all that it has started, each with its birth."""
    pids = [pid]
    with contextlib.suppress(psutil.NoSuchProcess):
        pids += [one.pid for one in psutil.Process(pid).children(recursive=True)]
    return {one: born for one in pids if (born := birth(one))}


def _ended(line: socket.socket, *, within: float) -> bool:
    last = time.monotonic() + within
    while select.select([line], [], [], max(last - time.monotonic(), 0))[0]:
        try:
            if not line.recv(_LARGEST):
                return True
        except OSError:
            return True
    return False
