"""Which faults are declared, which calls have met them, and what became of those calls."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.errors import CheckFailedError
from harness.faults.fault import ANSWER, KILLED, Fault
from harness.plain import counted
from harness.services.protocol import Incident

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.faults.fault import Call
    from harness.faults.under_way import UnderWay

_SHOWN = 200
# What Google's clients raise for just this.
_RAISED = {
    403: ("Forbidden",),
    404: ("NotFound",),
    409: ("Conflict",),
    412: ("PreconditionFailed",),
    429: ("TooManyRequests",),
    500: ("InternalServerError",),
    502: ("BadGateway",),
    503: ("ServiceUnavailable",),
    504: ("GatewayTimeout",),
}


class Ledger:
    """The faults of a test; safe for many threads.

    Args:
        under_way: The run whose calls meet them.
    """

    def __init__(self, under_way: UnderWay) -> None:
        self._under_way = under_way
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._left: dict[tuple[str, str, str, bytes], Incident] = {}
        self._seen: dict[str, int] = {}

    def follow(self, folder: Path) -> None:
        """From now on it is the calls of another run that meet them.

        Args:
            folder: The run's own.
        """
        with self._lock:
            self._under_way.follow(folder)

    def add(self, fault: Fault) -> None:
        """Declare a fault; where several fit a call, the oldest is met first."""
        with self._lock:
            self._faults.append(fault)

    def meet(self, call: Call) -> Fault | None:
        """The fault that a call meets, or None; it is counted, and told among the run's events.

        Args:
            call: The call.
        """
        with self._lock:
            blocks = self._under_way.blocks()
            if call.kind != ANSWER:
                self._seen[call.service] = self._seen.get(call.service, 0) + 1
            for place, fault in enumerate(self._faults):
                if fault.is_met or not fault.fits(call):
                    continue
                if fault.block and fault.block not in blocks:
                    continue
                if fault.passed < fault.after:
                    self._faults[place] = replace(fault, passed=fault.passed + 1)
                    continue
                self._faults[place] = replace(fault, met=fault.met + 1)
                self._note(fault, call, blocks)
                return fault
            if call.kind != ANSWER:
                self._left.pop(call.again, None)
        return None

    def count(self, service: str, what: str, block: str) -> None:
        """Account for a fault that somebody else has brought about.

        Args:
            service: Its service.
            what: What it was.
            block: Where it came.
        """
        with self._lock:
            for place, fault in enumerate(self._faults):
                same = (fault.service, fault.what, fault.block) == (service, what, block)
                if same and not fault.is_met:
                    self._faults[place] = replace(fault, met=fault.met + 1)
                    return

    def _note(self, fault: Fault, call: Call, blocks: Sequence[str]) -> None:
        block = fault.block or (blocks[0] if len(blocks) == 1 else "")
        shown = " ".join(call.shown.split())[:_SHOWN]
        self._under_way.add(service=fault.service, what=fault.what, block=block, call=shown)
        if fault.harms:
            self._left[call.again] = Incident(
                at=time.time(),
                service=fault.service,
                code="fault-not-retried",
                message=f"the declared fault {fault.service} {fault.what} was met, and the call "
                "was not made again",
                detail=shown,
                raises=_RAISED.get(fault.status, ()),
                remedy="let the block try again, or fail",
            )
        if fault.what == KILLED:
            self._under_way.kill()

    def incidents(self, since: float) -> list[Incident]:
        """Calls that were refused by a fault and not made again.

        Args:
            since: Seconds since the epoch.
        """
        with self._lock:
            return [one for one in self._left.values() if one.at >= since]

    def account(self) -> tuple[Fault, ...]:
        """All faults in order, each with how often it was met."""
        with self._lock:
            return tuple(self._faults)

    def require_met(self) -> None:
        """Return if all faults were met as often as declared.

        Raises:
            CheckFailedError: One was not: the test has not shown what it means to.
        """
        __tracebackhide__ = True
        unmet = [fault for fault in self.account() if not fault.is_met]
        if not unmet:
            return
        seen = ", ".join(f"{count} at {name}" for name, count in sorted(self._seen.items()))
        raise CheckFailedError(
            f"{counted(len(unmet), 'declared fault')} did not come",
            cause="fewer calls than declared fitted, so the test says nothing about them",
            evidence=[
                *(f"{one}: met {counted(one.met, 'time')}" for one in unmet),
                f"calls that were looked at: {seen or 'none'}",
            ],
            remedy="correct the block, the text or the number, or declare it before the run; "
            "which calls count is told in docs/faults.md",
        )
