"""Starts Mage's process within walls, where this machine can put some up."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Protocol

from harness.enclosure.start import NotPermittedError, await_entry, enclosed, not_permitted
from harness.machine.group import end_group
from harness.running.runner import EVENTS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from harness.enclosure.plan import Enclosure


class Popen(Protocol):
    """Starts a command that inherits some descriptors."""

    def __call__(
        self, command: list[str], *, inherited: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """Start it."""


class Walls:
    """A network of its own for each run, or the guard alone.

    Args:
        network: The setting of that name: ``auto``, ``namespace`` or ``guard``.
        enclosure: Gives the walls around a run.
        progress: Told once where there are none, though none were asked to be missing.
    """

    def __init__(
        self,
        network: str,
        *,
        enclosure: Callable[[], Enclosure],
        progress: Callable[[str], None],
    ) -> None:
        self._network = network
        self._enclosure = enclosure
        self._progress = progress
        self._wanted = network != "guard"

    def start(
        self, command: Sequence[str], *, folder: Path, popen: Popen
    ) -> subprocess.Popen[bytes]:
        """Start a command, and return when it runs.

        Args:
            command: The command.
            folder: The run's private folder.
            popen: Starts a process that leads its own group.

        Raises:
            EnvironmentNotAbleError: It cannot be started, or walls are asked for and there are
                none.
        """
        if self._wanted:
            try:
                return self._within(list(command), folder=folder, popen=popen)
            except NotPermittedError as error:
                self._go_on_without(str(error))
        return popen(list(command))

    def _within(self, command: list[str], *, folder: Path, popen: Popen) -> subprocess.Popen[bytes]:
        if sys.platform != "linux":
            raise NotPermittedError(f"{sys.platform} has no network namespaces")
        reading, writing = os.pipe()
        try:
            try:
                walled = enclosed(
                    command, self._enclosure(), events=folder / EVENTS, folder=folder, said=writing
                )
                process = popen(walled, inherited=(writing,))
            finally:
                os.close(writing)
            try:
                await_entry(reading)
            except BaseException:
                # Also for Ctrl-C: nobody else knows of it yet.
                end_group(process)
                raise
        finally:
            os.close(reading)
        return process

    def _go_on_without(self, reason: str) -> None:
        if self._network == "namespace":
            raise not_permitted(reason)
        self._wanted = False
        self._progress(
            f"note: no network namespace ({reason}): connections of Python and of clients that "
            "heed the proxy are walled off, those that libraries open in C are not"
        )
