"""One session at a time on a service that others may use too."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import time
from typing import TYPE_CHECKING, Any, Protocol

from harness.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

GRACE = 8.0
"""Seconds that the guardian of a dead session has to clear up after it."""
SETTLE = 0.5
"""Seconds in which whoever saw the same dead owner has removed the mark that it saw."""
_POLL = 0.1


class Mark(Protocol):
    """What a session leaves on a service to say that it is taken.

    Attributes:
        place: What the mark is, and how it is removed by hand.
    """

    place: str

    def make(self, facts: Mapping[str, Any]) -> bool:
        """Make the mark with its owner's facts; False where there is one already.

        The service decides this, so that of two sessions only one succeeds.
        """

    def read(self) -> Any:
        """The facts of the mark's owner, or None where there is no mark, or nobody's."""

    def remove(self) -> None:
        """Remove the mark, whoever owns it."""


class Lease:
    """Who owns the mark may empty the service.

    What a session made cannot be told from what another made at the same time, so a second
    session is refused. A mark whose owner was a process of this machine and is gone is taken over,
    after its guardian had ``GRACE`` seconds to clear up.

    Args:
        address: The service, for messages.
        mark: The mark on it.

    Attributes:
        facts: What tells this owner from all others; empty where the mark is not ours.
    """

    def __init__(self, address: str, *, mark: Mark) -> None:
        self._address = address
        self._mark = mark
        self.facts: Mapping[str, Any] = {}

    def take(self) -> None:
        """Make the mark.

        Raises:
            ServiceError: Another session has it.
        """
        facts = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "token": secrets.token_hex(8),
        }
        until = time.monotonic() + GRACE
        waited = False
        while not self._made(facts, settle=waited):
            waited = True
            owner = self._mark.read()
            if owner is not None and not _is_dead(owner):
                raise self._refusal(owner)
            if time.monotonic() < until:
                # Its guardian removes it, or its owner has not yet written its name.
                time.sleep(_POLL)
            elif owner is None:
                raise self._refusal(owner)
            else:
                self._remove(owner)

    def take_over(self, facts: Mapping[str, Any]) -> bool:
        """Act for its owner, who is gone; False where another session has the mark now.

        Args:
            facts: The owner's ``facts``.
        """
        if self._mark.read() != facts:
            return False
        self.facts = facts
        return True

    def give_back(self) -> None:
        """Remove the mark, if it is ours. Safe to call twice."""
        facts, self.facts = self.facts, {}
        if facts:
            self._remove(facts)

    def _made(self, facts: Mapping[str, Any], *, settle: bool) -> bool:
        """Whether the mark was made, and still is ours."""
        if not self._mark.make(facts):
            return False
        # Whatever happens from here on, there may be something to give back.
        self.facts = facts
        if settle:
            # No service removes a mark only if it is a certain owner's. Another session may have
            # looked at the dead owner's mark before it was gone, and now remove ours.
            time.sleep(SETTLE)
        if self._mark.read() != facts:
            self.facts = {}
        return bool(self.facts)

    def _remove(self, facts: Mapping[str, Any]) -> None:
        """Remove the mark of one owner, and no other's."""
        if self._mark.read() == facts:
            self._mark.remove()

    def _refusal(self, owner: Any) -> ServiceError:
        known = isinstance(owner, dict)
        who = f"process {owner.get('pid')} on {owner.get('host')}" if known else "not known"
        return ServiceError(
            f"another session uses {self._address}",
            cause="each empties the service for its tests, so one at a time may use it",
            evidence=[f"its owner: {who}"],
            remedy=f"wait for its end; if it is long gone, remove its mark: {self._mark.place}",
        )


def _is_dead(owner: Any) -> bool:
    """Whether the owner was a process of this machine and is no more."""
    if not isinstance(owner, dict) or owner.get("host") != socket.gethostname():
        return False
    pid = owner.get("pid")
    if not isinstance(pid, int) or pid <= 0:
        return False
    with contextlib.suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
    return False
