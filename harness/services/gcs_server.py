"""Who runs the Cloud Storage that pipelines talk to, and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that answers.

    Attributes:
        endpoint: Its address, ``http://host:port``; the same for this process and for pipelines.
        log: The file that takes its request log, or None where it cannot be read.
        token: Gives a valid access token; None where requests need none.
    """

    endpoint: str
    log: Path | None = None
    token: Callable[[], str] | None = None

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return urlsplit(self.endpoint).scheme

    @property
    def host(self) -> str:
        """The host's name or address."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def port(self) -> int:
        """The port."""
        return urlsplit(self.endpoint).port or {"http": 80, "https": 443}[self.scheme]


class Server(Protocol):
    """A program, a container or somebody else's server."""

    def start(self) -> Running:
        """Start it and return when it answers; what it holds is empty then, if it is ours.

        Raises:
            ServiceError: It did not start; the message holds the end of its log.
            EnvironmentNotAbleError: This machine cannot run it.
        """

    def stop(self) -> None:
        """End it and remove what it kept. Safe to call twice, or before start."""

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It has ended.
        """
