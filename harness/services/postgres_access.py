"""Connections of the harness's own to a PostgreSQL that runs."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import psycopg2

from harness.errors import ServiceError
from harness.services.postgres_held import state_of
from harness.services.postgres_sessions import OWN

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812

    from harness.services.postgres_server import Login, Running, Server

_PATIENCE = 10
"""Seconds that a connection may take."""


def parameters(running: Running, login: Login) -> dict[str, Any]:
    """What libpq needs for a connection of the harness's own.

    Args:
        running: The server.
        login: Who connects, and where to.
    """
    host, port = running.itself
    return {
        "connect_timeout": _PATIENCE,
        **running.options,
        "host": host,
        "port": port,
        "user": login.user,
        "password": login.password,
        "dbname": login.database,
        "application_name": OWN,
    }


class Access:
    """The ways into a server that runs.

    Args:
        running: Where it is.
        server: Who runs it, and knows when it has ended.

    Attributes:
        running: Where it is.
    """

    def __init__(self, running: Running, *, server: Server) -> None:
        self.running = running
        self._server = server
        self._standing: Connection | None = None

    def url(self, login: Login, *, own: bool = False) -> str:
        """A database's address for libpq.

        Args:
            login: Who connects, and where to.
            own: Whether the harness itself connects, so that its statements are not judged.
        """
        running = self.running
        host = f"[{running.host}]" if ":" in running.host else quote(running.host, safe="")
        options = dict(running.options)
        if own:
            options = {"connect_timeout": str(_PATIENCE), **options, "application_name": OWN}
        who = f"{quote(login.user, safe='')}:{quote(login.password, safe='')}"
        address = f"postgresql://{who}@{host}:{running.port}/{quote(login.database, safe='')}"
        return f"{address}?{urlencode(options, quote_via=quote)}" if options else address

    def connect(self, login: Login) -> Connection:
        """A connection whose statements are not judged. The caller closes it.

        Args:
            login: Who connects, and where to.

        Raises:
            ServiceError: The server has ended, or does not answer.
        """
        self.check()
        try:
            connection: Connection = psycopg2.connect(**parameters(self.running, login))
        except psycopg2.OperationalError as error:
            raise self.lost(error) from error
        return connection

    def admin(self) -> Connection:
        """A connection of the administrator's that commits each statement at once.

        Raises:
            ServiceError: The server has ended, or does not answer.
        """
        connection = self.connect(self.running.admin)
        connection.autocommit = True
        return connection

    def standing(self) -> Connection:
        """The administrator's connection that stays: to make one takes longer than most questions.

        It commits each statement at once, and is made anew where it was lost. It is not the
        caller's to close.

        Raises:
            ServiceError: The server has ended, or does not answer.
        """
        self.check()
        if self._standing is not None and not _answers(self._standing):
            self.close()
        if self._standing is None:
            self._standing = self.admin()
        return self._standing

    def state(self) -> str:
        """The state that the server is in; see ``postgres_held.state_of``.

        Raises:
            ServiceError: The server has ended, or does not answer.
        """
        try:
            with self.standing().cursor() as cursor:
                return state_of(cursor)
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            raise self.lost(error) from error

    def close(self) -> None:
        """Close the standing connection. Safe to call twice."""
        if self._standing is not None:
            self._standing.close()
            self._standing = None

    def check(self) -> None:
        """Make sure that the server still runs: the address of one that is gone may say nothing.

        Raises:
            ServiceError: It has ended; with the end of its log.
        """
        self._server.check()

    def lost(self, error: Exception) -> ServiceError:
        """Why a connection failed: the server has ended, or what the client says.

        Raises:
            ServiceError: The server has ended; with the end of its log.
        """
        self.check()
        host, port = self.running.itself
        return ServiceError(
            "PostgreSQL does not answer",
            cause=str(error).strip(),
            evidence=[f"asked: {host}:{port}"],
            remedy="see whether it still runs, and what its log says",
        )


def _answers(connection: Connection) -> bool:
    """Whether a connection still has a server behind it; with one that hangs it is lost."""
    try:
        with socket.socket(fileno=os.dup(connection.fileno())) as wire:
            timer = threading.Timer(_PATIENCE, _cut, [wire])
            timer.daemon = True
            timer.start()
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
            finally:
                timer.cancel()
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        return False
    return True


def _cut(wire: socket.socket) -> None:
    with contextlib.suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)
