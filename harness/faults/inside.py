"""Trouble that the tap makes inside Mage's process, and says so: its end, its disk, its clock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.faults.fault import CLOCK, DISK, FULL, KILLED, MAGE, Fault
from harness.running.jumps import Jump, seconds_of
from harness.tap import DISK_VARIABLE, KILLED_AT_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.faults.ledger import Ledger

_VARIABLES = {KILLED: KILLED_AT_VARIABLE, FULL: DISK_VARIABLE}


class Inside:
    """What is declared of Mage's process itself.

    A run is told the first end and the first full disk; once that has come, the next run is told
    the second. It is told all jumps of the clock that have not come.

    Args:
        ledger: Where faults are accounted for.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._left: dict[str, list[dict[str, Any]]] = {KILLED: [], FULL: []}
        self._jumps: list[Jump] = []

    def kill(self, block: str, *, at: str, nth: int) -> None:
        """End Mage's process.

        Args:
            block: The block.
            at: The tap's event.
            nth: At which of these events, counted from 1.
        """
        fault = Fault(service=MAGE, what=KILLED, block=block, after=nth - 1, containing=at)
        self._add(fault, {"block": block, "event": at, "nth": nth})

    def fill(self, block: str, *, size: int) -> None:
        """Refuse what a block writes beyond a size.

        Args:
            block: The block.
            size: Bytes that each of its files can have.
        """
        fault = Fault(service=DISK, what=FULL, block=block, size=size)
        self._add(fault, {"block": block, "size": size})

    def jump(self, by: str, *, block: str, at: str, nth: int) -> None:
        """Have the clock of Mage's process jump.

        Args:
            by: By how much, such as ``+1h``.
            block: The block.
            at: The tap's event.
            nth: At which of these events, counted from 1.

        Raises:
            InputError: It is no jump.
        """
        seconds = seconds_of(by)
        self._ledger.add(Fault(service=CLOCK, what=by, block=block, after=nth - 1, containing=at))
        self._jumps.append(Jump(what=by, seconds=seconds, block=block, event=at, nth=nth))

    @property
    def jumps(self) -> tuple[Jump, ...]:
        """The jumps that have not come."""
        return tuple(self._jumps)

    def variables(self) -> dict[str, str]:
        """What the tap must know in the next run."""
        return {
            variable: json.dumps(self._left[what][0]) if self._left[what] else ""
            for what, variable in _VARIABLES.items()
        }

    def account(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Account for what came in a run.

        Args:
            events: The events of the run.
        """
        for event in events:
            if event["event"] != "fault" or event["service"] not in (MAGE, DISK, CLOCK):
                continue
            if event["service"] == CLOCK:
                came = (event["what"], event["block"])
                self._jumps.remove(
                    next(one for one in self._jumps if (one.what, one.block) == came)
                )
            else:
                self._left[event["what"]].pop(0)
            self._ledger.count(event["service"], event["what"], event["block"])

    def _add(self, fault: Fault, told: dict[str, Any]) -> None:
        self._ledger.add(fault)
        self._left[fault.what].append(told)
