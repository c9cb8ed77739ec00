"""A command within walls, without Mage, and the events that it makes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.enclosure.plan import Enclosure
from harness.enclosure.start import await_entry, enclosed
from harness.machine.group import end_group


@dataclass(frozen=True, kw_only=True)
class Walled:
    """A command that runs within walls."""

    process: subprocess.Popen[str]
    events: Path

    def ended(self) -> str:
        """What it printed, when it has ended by itself."""
        assert self.process.stdout is not None
        return self.process.stdout.read()

    def told(self) -> list[str]:
        """What it was refused."""
        if not self.events.exists():
            return []
        lines = self.events.read_text().splitlines()
        return sorted({f"{event['address']}" for event in map(json.loads, lines)})


@contextmanager
def walled(command: list[str], folder: Path, **walls: tuple) -> Iterator[Walled]:
    reading, writing = os.pipe()
    events = folder / "events.jsonl"
    line = enclosed(command, Enclosure(**walls), events=events, folder=folder, said=writing)
    process = subprocess.Popen(
        line,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=[writing],
        start_new_session=True,
    )
    try:
        os.close(writing)
        await_entry(reading)
        yield Walled(process=process, events=events)
    finally:
        os.close(reading)
        end_group(process)
        if process.stdout is not None:
            process.stdout.close()
