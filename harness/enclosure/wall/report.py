"""Telling of an attempt: where in the block's code it came from, as events of the run."""

from __future__ import annotations

import json
import os
import select
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, NoReturn

from .processes import process_of, program_of

if TYPE_CHECKING:
    from collections.abc import Callable

_AHEAD = int(os.environ.get("MAGE_HARNESS_CLOCK") or 0)
"""Seconds that this process is ahead of the real time, as the tap has them."""
_PATIENCE = 0.5
"""Seconds that Mage's process has to say where it is; it cannot while a library holds its lock."""


class Reporter:
    """Writes an event for each attempt, beside the tap's own.

    Args:
        events: The file of the run's events.
        mage: The number of Mage's process.
        question: Leads to the tap in that process.
        give_up: Is told why an event cannot be written; it does not return.

    Attributes:
        hurried: Whether there is no time to look who it was.
    """

    def __init__(
        self,
        events: str,
        *,
        mage: int,
        question: socket.socket,
        give_up: Callable[[str], NoReturn],
    ) -> None:
        self._events = events
        self._mage = mage
        self._question = question
        self._give_up = give_up
        self.hurried = False
        self._lock = threading.Lock()
        self._asked = 0

    def hurry(self) -> None:
        """From now on, tell no more than what was tried: Mage's process has ended."""
        self.hurried = True

    def refused(self, address: str, *, thread: int) -> None:
        """Tell of an attempt to reach something; return when it is told.

        Args:
            address: What was to be reached, in words.
            thread: The thread that tried, or a process; 0 where it is not known.
        """
        self.tell(address, self.look(thread))

    def look(self, thread: int) -> dict[str, Any]:
        """Which program a thread runs, and which block and line it is of; best while it waits.

        Args:
            thread: The thread, or a process; 0 where it is not known.
        """
        process = process_of(thread) if thread else 0
        # Before anything else: it may be gone soon.
        program = "" if process in (0, self._mage) else program_of(process)
        place = self._place(thread if process == self._mage else 0)
        return {
            "block": place.get("block", ""),
            "line": place.get("line"),
            "program": program,
        }

    def tell(self, address: str, who: dict[str, Any]) -> None:
        """Tell of an attempt.

        Args:
            address: What was to be reached, in words.
            who: What ``look`` found.
        """
        event = {
            "event": "connection_refused",
            "address": address,
            **who,
            "at": time.time() - _AHEAD,
            "pid": os.getpid(),
        }
        try:
            descriptor = os.open(self._events, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, json.dumps(event).encode() + b"\n")
            finally:
                os.close(descriptor)
        except OSError as error:
            # To go on would be to keep it silent.
            self._give_up(f"the attempt to reach {address} cannot be written down: {error}")

    def _place(self, thread: int) -> dict[str, Any]:
        """Block and line, as Mage's process says; nothing where it does not answer."""
        if self.hurried:
            return {}
        with self._lock:
            self._asked += 1
            try:
                # Where the tap does not read, it must not be waited for.
                self._question.send(b"%d %d" % (self._asked, thread), socket.MSG_DONTWAIT)
                return self._answer()
            except (OSError, ValueError):
                return {}

    def _answer(self) -> dict[str, Any]:
        until = time.monotonic() + _PATIENCE
        while (left := until - time.monotonic()) > 0:
            if not select.select([self._question], [], [], left)[0]:
                break
            content = self._question.recv(4096)
            if not content:
                break
            found: dict[str, Any] = json.loads(content)
            # Others are answers to what was asked before, and came too late.
            if found["asked"] == self._asked:
                return found
        return {}
