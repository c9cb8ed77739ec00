"""A session's time on a service that others use too: begun, ended, or ended by the guardian."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from harness.services.given.lease import Lease
from harness.services.given.will import Will

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.machine.guardian import Guardian
    from harness.services.given.lease import Mark

T = TypeVar("T")


class Tenure:
    """One session at a time, and what it made is removed even if the session is killed.

    Args:
        service: ``gcs`` or ``bigquery``.
        url: Where the service is, as this machine reaches it.
        project: The Google Cloud project that it plays.
        mark: What says that it is taken.
        guardian: Who clears up when the harness cannot; where there is none, nobody does.
    """

    def __init__(
        self, service: str, *, url: str, project: str, mark: Mark, guardian: Guardian | None
    ) -> None:
        self._place = {"url": url, "project": project}
        self._lease = Lease(url, mark=mark)
        self._will = Will(service, guardian=guardian)

    def begin(self, look: Callable[[], T]) -> T:
        """Take the service, and keep for the guardian what is there.

        Args:
            look: Tells what is there, in a form that JSON keeps.

        Raises:
            ServiceError: It does not answer, or another session has it.
        """
        try:
            self._lease.take()
            before = look()
            self._will.write(**self._place, before=before, lease=self._lease.facts)
        except BaseException:
            self._give_up()
            raise
        return before

    def inherit(self, will: Mapping[str, Any]) -> bool:
        """Act for a session that is gone; False where another one has the service now.

        Args:
            will: What that session left.
        """
        return self._lease.take_over(will["lease"])

    def end(self, clear: Callable[[], None]) -> None:
        """Clear up, and let others have the service. Safe to call twice.

        Args:
            clear: Removes what the session made.

        Raises:
            ServiceError: It no longer answers; the guardian tries once more.
        """
        try:
            clear()
        finally:
            self._give_up()

    def _give_up(self) -> None:
        self._lease.give_back()
        self._will.revoke()
