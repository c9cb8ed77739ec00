"""Connections of the harness's own to a MySQL server that runs, and its statements."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from harness.errors import InputError, ServiceError
from harness.services.mysql_server import ADMIN, CHARSET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

    from harness.services.mysql_server import Exchange, Running, Server

_PATIENCE = 10
"""Seconds that a connection, and a lock, may take."""
_LOCKED = 1205


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

    @property
    def exchange(self) -> Exchange:
        """The folder by which rows go in and out."""
        return self.running.exchange

    def connect(self, database: str | None = None) -> Connection[Cursor]:
        """A connection whose statements are not judged, each committed at once.

        Args:
            database: The database that names without one belong to.

        Raises:
            ServiceError: The server has ended, or does not answer.
        """
        import pymysql  # noqa: PLC0415 - an extra

        self._server.check()
        running = self.running
        try:
            connection: Connection[Cursor] = pymysql.connect(
                host=running.host,
                port=running.port,
                user=ADMIN,
                password=running.admin_password,
                database=database,
                charset=CHARSET,
                autocommit=True,
                connect_timeout=_PATIENCE,
                init_command=f"SET SESSION lock_wait_timeout = {_PATIENCE}",
            )
        except pymysql.OperationalError as error:
            raise self.lost(error) from error
        return connection

    @contextmanager
    def cursor(self, database: str | None = None, *, asked: str = "") -> Iterator[Cursor]:
        """A cursor on a connection of its own.

        Args:
            database: The database that names without one belong to.
            asked: What the test asks for, for the error's evidence.

        Raises:
            InputError: A statement was not accepted.
            ServiceError: A table is locked, or the server has ended or does not answer.
        """
        import pymysql  # noqa: PLC0415

        with closing(self.connect(database)) as connection, connection.cursor() as cursor:
            try:
                yield cursor
            except pymysql.Error as error:
                raise self._refused(error, asked) from error

    def answers(self) -> bool:
        """Whether the harness is let in yet; never where the server has ended.

        Raises:
            ServiceError: The server has ended.
        """
        try:
            self.connect().close()
        except ServiceError:
            self._server.check()
            return False
        return True

    def lost(self, error: Exception) -> ServiceError:
        """Why a connection failed: the server has ended, or what the client says.

        Raises:
            ServiceError: The server has ended.
        """
        self._server.check()
        return ServiceError(
            "MySQL does not answer",
            cause=str(error).strip(),
            evidence=[f"asked: {self.running.host}:{self.running.port}"],
            remedy="see whether it still runs",
        )

    def _refused(self, error: Exception, asked: str) -> InputError | ServiceError:
        self._server.check()
        code = error.args[0] if error.args else 0
        if code == _LOCKED:
            return ServiceError(
                "a table in MySQL cannot be read now",
                cause="a session still holds a lock on it, in a transaction that has not ended",
                evidence=[str(error)],
                remedy="commit or roll back what the pipeline began, and close its connection",
            )
        return InputError(
            "MySQL did not accept a statement of the test",
            cause=": ".join(str(part) for part in error.args),
            evidence=[asked.strip()[:500]],
            remedy="correct the statement",
        )


def quoted(*names: str) -> str:
    """A name of MySQL's, with those that it lies in before it.

    Args:
        names: The parts, such as a database and a table.
    """
    return ".".join("`" + name.replace("`", "``") + "`" for name in names)


def text(value: str) -> str:
    """A text as MySQL's SQL writes it.

    Args:
        value: The text.
    """
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
