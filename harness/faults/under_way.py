"""What runs at this moment, by the events that the tap writes before and after each block."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from harness.running.events import EventTail
from harness.running.runner import EVENTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ENDS = ("block_end", "block_error")


class UnderWay:
    """The run that is under way: its blocks, its process and its events.

    The tap writes ``block_start`` before a block's code begins, so that whoever holds a call up and
    reads then knows the block of every client: those in C, those of other programs.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._tails: dict[Path, EventTail] = {}
        self._running: Counter[str] = Counter()
        self._process = 0

    def follow(self, folder: Path) -> None:
        """From now on tell of another run.

        Args:
            folder: The run's own, where events will be; each process of a run block by block has
                one in it.
        """
        self._folder = folder
        self._tails.clear()
        self._running.clear()
        self._process = 0

    def blocks(self) -> tuple[str, ...]:
        """The blocks that run now; mostly one."""
        self._read()
        return tuple(uuid for uuid, count in self._running.items() if count > 0)

    def add(self, **facts: Any) -> None:
        """Write a line among the events of the run.

        Args:
            facts: What it says.
        """
        self._read()
        if not self._tails:
            return
        line = json.dumps({"event": "fault", "at": time.time(), "pid": self._process, **facts})
        descriptor = os.open(list(self._tails)[-1], os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, line.encode() + b"\n")
        finally:
            os.close(descriptor)

    def kill(self) -> None:
        """End Mage's process, as a machine that fails would: nothing is cleaned up."""
        self._read()
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)

    def _read(self) -> None:
        if self._folder is None:
            return
        for file in sorted([*self._folder.glob(EVENTS), *self._folder.glob(f"*/{EVENTS}")]):
            if file not in self._tails:
                self._tails[file] = EventTail(file)
                self._running.clear()
                self._process = 0
        for tail in self._tails.values():
            for event in tail.new():
                self._take(event)

    def _take(self, event: Mapping[str, Any]) -> None:
        kind = event["event"]
        if kind == "process" and not self._process:
            # Mage's own is the first; programs that it starts come later.
            self._process = int(event["pid"])
        elif kind == "block_start":
            self._running[event["block"]] += 1
        elif kind in _ENDS and self._running[event["block"]] > 0:
            self._running[event["block"]] -= 1
