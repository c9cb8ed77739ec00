"""What one service has of this machine: a private folder, a port, and who clears them up."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from harness.machine.guardian import Guardian
from harness.machine.ports import ATTEMPTS, claim, taken

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.machine.ports import Port

T = TypeVar("T")


class AddressInUseError(Exception):
    """Somebody who makes no claims took a port before the service could listen on it."""


class Tenancy:
    """From ``listen`` and the making of the folder to ``end``; then it can begin again.

    Args:
        service: The service's name, for messages.
        cache: The folder that harnesses on this machine share.
        guardian: Who clears up when the harness cannot; one of its own if None.
        port: A fixed port, or None for a free one.

    Attributes:
        guardian: Who clears up.
        folder: The private folder, once the service has made one; ``end`` deletes it.
    """

    def __init__(
        self, service: str, *, cache: Path, guardian: Guardian | None, port: int | None
    ) -> None:
        self.guardian = guardian or Guardian()
        self.folder: Path | None = None
        self._owns_guardian = guardian is None
        self._service = service
        self._cache = cache
        self._wanted_port = port
        self._port: Port | None = None

    @property
    def port(self) -> int | None:
        """The port that is held."""
        return None if self._port is None else self._port.number

    def listen(self, attempt: Callable[[int], T]) -> T:
        """Claim a port and have the service listen on it; on another one if it is lost.

        Args:
            attempt: Is given the port. It raises AddressInUseError where somebody else has it.

        Raises:
            EnvironmentNotAbleError: The fixed port is taken, or none can be claimed.
        """
        tries = 0
        while True:
            self._port = claim(service=self._service, cache=self._cache, number=self._wanted_port)
            number = self._port.number
            try:
                return attempt(number)
            except AddressInUseError as error:
                self._release()
                tries += 1
                if self._wanted_port is not None or tries == ATTEMPTS:
                    raise taken(service=self._service, number=number) from error

    def end(self) -> None:
        """Give the port back and delete the folder. Safe to call twice."""
        self._release()
        if self.folder is not None:
            self.guardian.delete(self.folder)
            self.folder = None
        if self._owns_guardian:
            self.guardian.close()
            self.guardian = Guardian()

    def _release(self) -> None:
        if self._port is not None:
            self._port.release()
            self._port = None
