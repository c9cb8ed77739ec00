"""The process that holds a detached stack: it answers for it, and ends with it."""

from __future__ import annotations

import contextlib
import json
import re
import select
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError, InputError
from harness.machine import meeting

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

PREFIX = "mage-harness-up"
HOURS = 8.0
"""How long a detached stack stays, where nobody says it."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_TICK = 1.0


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a stack's process says of it.

    Attributes:
        project: The project's folder.
        services: The names of the running services.
        began: When they were ready, in seconds since the epoch.
        until: When they end by themselves, in seconds since the epoch.
        lines: How they are reached, a line each; with passwords.
        left: Files and folders that go with them.
        token: What their processes are known by.
    """

    project: str
    services: list[str]
    began: float
    until: float
    lines: list[str]
    left: list[str]
    token: str


def name_of(project: Path, wanted: str | None) -> str:
    """What a detached stack is called.

    Args:
        project: The project's folder, which gives the name where nobody does.
        wanted: The name that somebody gave.

    Raises:
        InputError: It is no name.
    """
    name = re.sub(r"[^A-Za-z0-9._-]", "-", project.name).lstrip("._-")[:60] or "stack"
    if wanted is None:
        return name
    if not _NAME.fullmatch(wanted):
        raise InputError(
            f"{wanted!r} cannot be the name of a stack",
            cause="a name has letters, digits, dots, dashes and underscores, 60 at most",
            remedy=f"name it otherwise, such as --name {name}",
        )
    return wanted


class Holding:
    """The place at which a stack is asked for; nobody else has it meanwhile.

    Who asks keeps a line to it, whose end tells that the process has ended.

    Args:
        name: What the stack is called.

    Raises:
        InputError: There is one of that name.
        EnvironmentNotAbleError: This machine has no such places.
    """

    def __init__(self, name: str) -> None:
        place = meeting.address(PREFIX, name)
        listening = meeting.opened(place)
        if listening is None:
            if place not in meeting.addresses(PREFIX):
                raise EnvironmentNotAbleError(
                    "a stack cannot be detached on this machine",
                    cause="it is found by an address of Linux, which cannot be had here",
                    remedy="leave out --detach: the services stay until Ctrl-C",
                )
            raise InputError(
                f"there is a stack {name} already",
                evidence=["mage-harness ps lists all"],
                remedy=f"end it: mage-harness down {name}; or give this one a --name",
            )
        self._listening = listening
        self._lines: list[socket.socket] = []

    def hold(self, facts: Facts, *, told: Callable[[], bool]) -> None:
        """Answer who asks, until it is time.

        Args:
            facts: The answer.
            told: Whether the process has been told to end.
        """
        answer = json.dumps(asdict(facts)).encode()
        while not told() and time.time() < facts.until:
            for ready in select.select([self._listening, *self._lines], [], [], _TICK)[0]:
                if ready is self._listening:
                    self._answer(answer)
                else:
                    # Nobody has anything to say: the asker has gone.
                    self._lines.remove(ready)
                    ready.close()

    def _answer(self, answer: bytes) -> None:
        line, _ = self._listening.accept()
        with contextlib.suppress(OSError):
            line.settimeout(0)
            if meeting.is_own(line):
                line.send(answer)
                self._lines.append(line)
                return
        line.close()
