"""Who runs a MySQL server, and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

ADMIN = "mage_harness"
"""Whom the harness itself connects as; its statements are not judged."""
USER = "mage"
DATABASE = "mage"
CHARSET = "utf8mb4"
COLLATION = "utf8mb4_general_ci"


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """The one folder whose files the server reads and writes for the harness.

    Attributes:
        here: Its path for the harness.
        there: Its path for the server.
    """

    here: Path
    there: str


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that runs.

    Attributes:
        host: The address that pipelines, and the harness, reach it by.
        port: Its port.
        admin_password: The password of ``ADMIN``.
        password: The password of ``USER``.
        exchange: Where rows go in and out, in columns.
    """

    host: str
    port: int
    admin_password: str
    password: str
    exchange: Exchange


class Server(Protocol):
    """Starts and ends a server."""

    def start(self) -> Running:
        """Start it, with both users in it, and return when it answers.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: This machine cannot run it.
        """

    def stop(self) -> None:
        """End it with all that it holds. Safe to call twice, or before start."""

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It has ended.
        """
