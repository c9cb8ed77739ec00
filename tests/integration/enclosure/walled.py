"""A command within walls, without Mage, and the events that it makes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.enclosure.plan import Enclosure
from harness.enclosure.start import Enclosed, start_enclosed
from harness.machine.group import end_group


@dataclass(frozen=True)
class Walled:
    """A command that runs within walls."""

    started: Enclosed
    events: Path

    def ended(self) -> str:
        """What it printed, when it has ended by itself."""
        assert self.started.process.stdout is not None
        return self.started.process.stdout.read().decode()

    def end(self) -> str:
        """End it now, as a run is ended; the gate's fault."""
        if self.started.process.returncode is None:
            end_group(self.started.process, last=self.started.gate.end)
        return self.started.gate.fault

    def told(self) -> list[str]:
        """What it was refused."""
        if not self.events.exists():
            return []
        lines = self.events.read_text().splitlines()
        return sorted({f"{event['address']}" for event in map(json.loads, lines)})


@contextmanager
def walled(command: list[str], folder: Path, **walls: tuple) -> Iterator[Walled]:
    events = folder / "events.jsonl"
    with ExitStack() as stack:

        def popen(command: list[str], *, inherited: tuple[int, ...] = ()) -> subprocess.Popen:
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=inherited,
                start_new_session=True,
            )
            assert process.stdout is not None
            stack.enter_context(process.stdout)
            return process

        started = start_enclosed(
            command, Enclosure(**walls), events=events, folder=folder, popen=popen
        )
        one = Walled(started, events)
        stack.callback(one.end)
        yield one
