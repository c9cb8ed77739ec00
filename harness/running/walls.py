"""Starts Mage's process within walls, where this machine can put some up."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.enclosure.start import NotPermittedError, not_permitted, start_enclosed
from harness.errors import EnvironmentNotAbleError
from harness.machine.group import end_group
from harness.running.runner import EVENTS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from harness.enclosure.gate import Gate
    from harness.enclosure.plan import Enclosure
    from harness.enclosure.start import Popen
    from harness.machine.group import Led


class Walled:
    """A process that leads its own group, and the gate of its walls.

    Args:
        process: The process.
        gate: The gate; None where there are no walls.
    """

    def __init__(self, process: subprocess.Popen[bytes] | Led, gate: Gate | None = None) -> None:
        self.process = process
        self._gate = gate

    def end(self) -> None:
        """End the group, and wait for it.

        Raises:
            EnvironmentNotAbleError: The gate had ended by itself, so attempts may be untold.
        """
        if self._gate is None:
            end_group(self.process)
            return
        end_group(self.process, last=self._gate.end)
        # Who kills the whole group has not left it alone.
        if self._gate.fault and self.process.returncode != -signal.SIGKILL:
            raise EnvironmentNotAbleError(
                "the walls around a run did not hold: nothing left it, but what it tried is not "
                "told whole",
                cause=self._gate.fault,
                remedy="run it again; where it stays so, see that there are free processes, "
                "descriptors and space on the disk",
            )


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
        self._said = False

    def around(self, shown: tuple[tuple[str, str], ...]) -> Enclosure | None:
        """The walls around a run that is started now; None where there are none.

        Args:
            shown: Paths, and where within walls they are seen besides.
        """
        return replace(self._enclosure(), shown=shown) if self._wanted else None

    def start(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        popen: Popen,
        within: Enclosure | None = None,
        shown: tuple[tuple[str, str], ...] = (),
    ) -> Walled:
        """Start a command, and return when it runs.

        Args:
            command: The command.
            folder: The run's private folder.
            popen: Starts a process that leads its own group.
            within: What ``around`` has said; it is asked if not given.
            shown: Paths, and where within walls they are seen besides.

        Raises:
            EnvironmentNotAbleError: It cannot be started, or walls are asked for and there are
                none, or none that are whole.
        """
        enclosure = within or self.around(shown)
        if enclosure is not None:
            try:
                return self._within(command, folder=folder, popen=popen, enclosure=enclosure)
            except NotPermittedError as error:
                self._go_on_without(str(error))
        if shown:
            paths = ", ".join(target for _, target in shown)
            self._progress(f"note: without a namespace nothing is seen at {paths}")
        return Walled(popen(list(command)))

    def _within(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        popen: Popen,
        enclosure: Enclosure,
    ) -> Walled:
        started = start_enclosed(
            command, enclosure, events=folder / EVENTS, folder=folder, popen=popen
        )
        walled = Walled(started.process, started.gate)
        if started.lacking and self._network == "namespace":
            walled.end()
            raise not_permitted(f"nobody is asked before a connection: {started.lacking}")
        if started.lacking and not self._said:
            self._said = True
            self._progress(
                f"note: nobody is asked before a connection ({started.lacking}): what a run tries "
                "to reach is refused, and told without its line; sockets of the file system are "
                "reached, untold"
            )
        return walled

    def _go_on_without(self, reason: str) -> None:
        if self._network == "namespace":
            raise not_permitted(reason)
        self._wanted = False
        self._progress(
            f"note: no network namespace ({reason}): connections of Python and of clients that "
            "heed the proxy are walled off, those that libraries open in C are not"
        )
