"""What a process has of services that another one owns; see ``desk``."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.connection import Client
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError, ServiceError

if TYPE_CHECKING:
    from pathlib import Path

    from harness.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What the owner's stack has for others.

    Attributes:
        folder: Its private folder, which Mage's container shares; others make theirs in it.
        postgres: URL of its PostgreSQL.
        postgres_log: The log of statements, where it can be read.
        network: The name of its network of containers, or an empty string.
        mage: The id of Mage's container, or an empty string.
    """

    folder: Path
    postgres: str
    postgres_log: Path | None = None
    network: str = ""
    mage: str = ""


class Visitor:
    """Asks the owner's desk for what it shares.

    Args:
        invitation: Of the owner's ``Desk``.
        settings: The settings that services are to be started with.
    """

    def __init__(self, invitation: dict[str, Any], *, settings: Settings) -> None:
        self._invitation = invitation
        self._settings = settings
        self._shared: Shared | None = None

    def ask(self) -> Shared:
        """Have what is shared started, if it is not running; once for all calls.

        Raises:
            HarnessError: It did not start.
            ServiceError: The owner is gone.
        """
        if self._shared is None:
            self._shared = self._asked()
        return self._shared

    def _asked(self) -> Shared:
        address = (self._invitation["host"], self._invitation["port"])
        try:
            with Client(address, authkey=self._invitation["key"].encode()) as connection:
                connection.send(self._settings.model_dump_json())
                answer = connection.recv()
        except (OSError, EOFError) as error:
            raise ServiceError(
                "the controller did not start what its workers share",
                cause=f"{type(error).__name__}: {error}",
                remedy="see how the controller ended, or run the tests without -n",
            ) from error
        if isinstance(answer, HarnessError):
            raise answer
        shared: Shared = answer
        return shared
