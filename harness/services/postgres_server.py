"""Who runs the PostgreSQL that pipelines talk to, and where it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ADMIN = "postgres"
"""The administrator of the servers that the harness starts."""
VARIABLES = MappingProxyType(
    {
        "channel_binding": "PGCHANNELBINDING",
        "client_encoding": "PGCLIENTENCODING",
        "connect_timeout": "PGCONNECT_TIMEOUT",
        "gssencmode": "PGGSSENCMODE",
        "options": "PGOPTIONS",
        "sslcert": "PGSSLCERT",
        "sslcrl": "PGSSLCRL",
        "sslkey": "PGSSLKEY",
        "sslmode": "PGSSLMODE",
        "sslrootcert": "PGSSLROOTCERT",
        "target_session_attrs": "PGTARGETSESSIONATTRS",
    }
)
"""libpq's parameters of a connection that pipelines can be given, by its variables."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """A user, and where that user connects to.

    Attributes:
        user: The user's name.
        password: The user's password.
        database: The database.
    """

    user: str
    password: str = field(repr=False)
    database: str


@dataclass(frozen=True, kw_only=True)
class Running:
    """A server that answers.

    Attributes:
        host: Its address for pipelines.
        port: Its port for pipelines.
        admin: Who administers it, as far as the harness may.
        options: libpq's other parameters, such as ``sslmode``; pipelines get them too.
        log: The file that takes its JSON log of statements, or None where it cannot be read.
        origin: Its own host and port, where those above are a forwarder's of this process.
    """

    host: str
    port: int
    admin: Login
    options: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    origin: tuple[str, int] | None = None

    @property
    def itself(self) -> tuple[str, int]:
        """Where the harness itself reaches it: whatever goes wrong is not a forwarder's doing."""
        return self.origin or (self.host, self.port)


class Server(Protocol):
    """A program, a container or somebody else's server."""

    def start(self) -> Running:
        """Start it and return when it answers.

        Raises:
            ServiceError: It did not start; the message holds the end of its log.
            EnvironmentNotAbleError: This machine cannot run it.
        """

    def stop(self) -> None:
        """End it and remove what it kept. Safe to call twice, or before start."""

    def check(self) -> None:
        """Make sure that it still runs, as far as that is known without a connection.

        Raises:
            ServiceError: It has ended.
        """
