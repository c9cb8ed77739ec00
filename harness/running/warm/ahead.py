"""A process that begins before its run is asked for, in the folder that the run will have."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.running.folders import is_lasting
from harness.running.runner import EVENTS, STACKS, STDERR, STDOUT
from harness.tap import EXECUTION_DATE_VARIABLE, RAN_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from harness.enclosure.plan import Enclosure
    from harness.enclosure.start import Popen
    from harness.running.walls import Walled
    from harness.running.warm.spawner import Warm

_PATIENCE = 30.0
DATA = "MAGE_DATA_DIR"
_LATER = frozenset((EXECUTION_DATE_VARIABLE, RAN_VARIABLE))
"""Variables that nobody looks at before a block runs."""
_OF_CONTAINERS = frozenset(("nsfs", "overlay"))
_OF_ENGINES = ("/run/docker/", "/run/containerd/", "/var/lib/docker", "/var/lib/containers")
_MADE = (STDOUT, STDERR, EVENTS, STACKS, "enclosure")
"""What a process that has not run leaves in the folder of its logs."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """All that is the same of a process that has begun, and of the run that is asked for.

    Attributes:
        program: The words that start Mage.
        project: Its folder.
        folder: Where its output goes.
        env: Its variables.
        within: Its walls.
        machine: What of this machine the walls are made of.
    """

    program: tuple[str, ...]
    project: Path
    folder: Path
    env: Mapping[str, str]
    within: Enclosure | None
    machine: tuple[object, ...]

    @property
    def place(self) -> Place:
        """Where it is, and what a template of it is for."""
        return Place(
            folder=self.folder.parent,
            project=self.project,
            same=(self.program, self.project, frozenset(self.env.items())),
            lasting=is_lasting(self.folder.parent),
        )


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a run is, and what a template of it is for.

    Attributes:
        folder: The run's own, above its project.
        project: Its project.
        same: What is the same of all runs that a template does for.
        lasting: Whether more runs will have the folder.
    """

    folder: Path
    project: Path
    same: Hashable
    lasting: bool


def expected(
    command: list[str],
    *,
    project: Path,
    folder: Path,
    env: Mapping[str, str],
    within: Enclosure | None,
) -> Expected:
    """What a process is expected to be.

    Args:
        command: Its command line.
        project: Its folder.
        folder: Where its output goes.
        env: Its variables.
        within: Its walls.
    """
    hidden = within.hidden if within is not None else ()
    return Expected(
        program=tuple(command[:4]),
        project=project,
        folder=folder,
        env={name: text for name, text in env.items() if name not in _LATER},
        within=within,
        machine=(_mounted(), tuple(filter(os.path.lexists, hidden))),
    )


def settled(within: Enclosure | None) -> bool:
    """Whether walls that are put up now are those of later: no name need be looked up for them.

    Args:
        within: The walls; None without.
    """
    hosts = [host for host, _ in within.doors] if within is not None else []
    return all(host.replace(".", "").isdigit() or ":" in host for host in hosts)


def clear(folder: Path, *, data: Path) -> None:
    """Delete what a process has made that has not run.

    Args:
        folder: Where its output goes.
        data: Where Mage keeps its data.
    """
    for made in (*(folder / name for name in _MADE), *data.iterdir()):
        if made.is_dir() and not made.is_symlink():
            shutil.rmtree(made, ignore_errors=True)
        else:
            made.unlink(missing_ok=True)


def _mounted() -> tuple[str, ...]:
    """What is mounted where; but for what engines of containers mount for these."""
    lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    places = (line.split(" - ")[0].split()[2:5] for line in lines)
    kinds = (line.split(" - ")[1].split()[0] for line in lines)
    return tuple(
        " ".join(place)
        for place, kind in zip(places, kinds, strict=True)
        if kind not in _OF_CONTAINERS and not place[2].startswith(_OF_ENGINES)
    )


class Ahead:
    """At most one process that waits for its run.

    Args:
        warm: Forks it.

    Attributes:
        taken: How many were asked for.
        missed: How many were not, but another run in their place.
    """

    def __init__(self, warm: Warm) -> None:
        self._warm = warm
        self._thread: threading.Thread | None = None
        self._begun: tuple[Expected, Walled, socket.socket] | None = None
        self.taken = 0
        self.missed = 0

    @property
    def worth(self) -> bool:
        """Whether it is likely enough that what begins is asked for."""
        return self.missed <= self.taken + 1

    @property
    def has_begun(self) -> bool:
        """Whether there is a process that waits, or is about to."""
        return self._begun is not None or (self._thread is not None and self._thread.is_alive())

    def begin(self, begin: Callable[[Ahead], None]) -> None:
        """Have a process begun in the background.

        Args:
            begin: Calls ``start``, or fails, which leaves it undone.
        """
        self.drop()

        def quietly() -> None:
            # The run will be begun when it is asked for, and say then what is wrong.
            with contextlib.suppress(Exception):
                begin(self)

        self._thread = threading.Thread(target=quietly, name="mage-harness-ahead", daemon=True)
        self._thread.start()

    def start(
        self,
        what: Expected,
        start: Callable[[Popen], Walled],
        *,
        env: Mapping[str, str],
        out: int,
        err: int,
    ) -> int:
        """Start the process, and return its number.

        Args:
            what: What is known of it.
            start: Starts it within its walls.
            env: Its variables.
            out: Where its output goes, a descriptor.
            err: Where its errors go.

        Raises:
            EnvironmentNotAbleError: Such a run would be cold.
        """
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            near.settimeout(_PATIENCE)
            popen: Any = partial(
                self._warm.ahead,
                env=env,
                out=out,
                err=err,
                line=far.fileno(),
                place=what.place,
            )
            try:
                self._begun = what, start(popen), near
            except BaseException:
                near.close()
                raise
        return self._begun[1].process.pid

    def take(self, what: Expected, command: list[str], env: Mapping[str, str]) -> Walled | None:
        """The process, which goes on as the run that is asked for; None where it cannot.

        Args:
            what: What is known of the run.
            command: Its command line.
            env: Its variables.
        """
        self._settle()
        if self._begun is None:
            return None
        begun, walled, line = self._begun
        if begun == what:
            asked = {"command": command, "env": {name: env[name] for name in _LATER & env.keys()}}
            said = b""
            with contextlib.suppress(OSError):
                line.send(json.dumps(asked).encode())
                said = line.recv(1)
            if said == b"1":
                line.close()
                self._begun = None
                self.taken += 1
                return walled
        self.missed += 1
        self._warm.templates.forget(begun.place.folder)
        return None

    def drop(self) -> int | None:
        """End the process, and clear its folder; safe to call where there is none.

        Returns:
            Its number.
        """
        self._settle()
        if self._begun is None:
            return None
        what, walled, line = self._begun
        self._begun = None
        line.close()
        with contextlib.suppress(Exception):
            walled.end()
        clear(what.folder, data=Path(what.env[DATA]))
        return walled.process.pid

    def _settle(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
