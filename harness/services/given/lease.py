"""One session at a time on a service that others may use too."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING, Any

from harness.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable


class Lease:
    """A mark on the service: who has it may empty the service.

    What a session made cannot be told from what another made at the same time, so a second
    session is refused. A mark whose owner was a process of this machine and is gone is taken over.

    Args:
        address: The service, for messages.
        make: Makes the mark with its owner's facts; False where there is one already. The
            service must decide this, so that of two sessions only one succeeds.
        read: The facts of the mark's owner, or None.
        remove: Removes the mark.
        place: What the mark is, and how it is removed by hand.
    """

    def __init__(
        self,
        address: str,
        *,
        make: Callable[[dict[str, Any]], bool],
        read: Callable[[], Any],
        remove: Callable[[], None],
        place: str,
    ) -> None:
        self._address = address
        self._make = make
        self._read = read
        self._remove = remove
        self._place = place
        self._held = False

    def take(self) -> None:
        """Make the mark.

        Raises:
            ServiceError: Another session has it.
        """
        facts = {"host": socket.gethostname(), "pid": os.getpid()}
        if not self._make(facts):
            owner = self._read()
            if not _is_dead(owner):
                raise self._refusal(owner)
            self._remove()
            if not self._make(facts):
                raise self._refusal(self._read())
        self._held = True

    def give_back(self) -> None:
        """Remove the mark, if it is ours. Safe to call twice."""
        if self._held:
            self._held = False
            self._remove()

    def _refusal(self, owner: Any) -> ServiceError:
        known = isinstance(owner, dict)
        who = f"process {owner.get('pid')} on {owner.get('host')}" if known else "not known"
        return ServiceError(
            f"another session uses {self._address}",
            cause="each empties the service for its tests, so one at a time may use it",
            evidence=[f"its owner: {who}"],
            remedy=f"wait for its end; if it is long gone, remove its mark: {self._place}",
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
