"""PostgreSQL by its URL: a server that is there already, and that others may use too."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2

from harness.errors import EnvironmentNotAbleError, HarnessError, ServiceError, SettingsError
from harness.services.given.postgres_url import parse
from harness.services.postgres import Postgres
from harness.services.postgres_access import parameters
from harness.services.postgres_own import OwnDatabase
from harness.services.postgres_server import Running
from harness.services.postgres_settings import SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from harness.machine.guardian import Guardian
    from harness.services.given.postgres_url import Address

_OLDEST = 120000
_RECOGNISED = 4
"""Letters that a password must have to be told from a part of a word."""
_JUDGED = {
    "logging_collector": re.compile("on"),
    "log_destination": re.compile(r".*\bjsonlog\b.*"),
    "log_statement": re.compile("all"),
    "log_disconnections": re.compile("on"),
    "log_timezone": re.compile("(.*/)?UTC"),
    "lc_messages": re.compile(r"(C|POSIX|en_).*"),
}
"""What a log must be written with to be judged; ``SETTINGS`` has what serves best."""
_REASONS: tuple[tuple[str, type[HarnessError], str], ...] = (
    (
        "no pg_hba.conf entry",
        ServiceError,
        "let that user in at the server (pg_hba.conf), or correct sslmode in the URL",
    ),
    ("password authentication failed", SettingsError, "correct user and password in the URL"),
    ("no password supplied", SettingsError, "put the password into the URL, or set PGPASSWORD"),
    ('role "', SettingsError, "correct the user in the URL"),
    ('database "', SettingsError, "correct the database in the URL: the user connects to it first"),
    ("invalid sslmode value", SettingsError, "correct sslmode in the URL"),
    ("certificate", SettingsError, "correct sslmode and the certificates' files in the URL"),
    ("does not support SSL", ServiceError, "leave sslmode out of the URL, or switch SSL on there"),
    ("too many", ServiceError, "close connections to it, or raise its max_connections"),
    ("connection slots", ServiceError, "close connections to it, or raise its max_connections"),
    ("could not translate host name", ServiceError, "correct the host in the URL"),
    ("Connection refused", ServiceError, "start it, or correct host and port in the URL"),
    ("timeout expired", ServiceError, "correct host and port in the URL, or open the firewall"),
)
"""Why libpq or the server says no, by their words: the first that is met."""


class GivenPostgres(Postgres):
    """A database of the session's own on a server that somebody else runs.

    It is made at the start and dropped at the end, also when the harness is killed. Other
    databases, roles and settings are never touched. Pipelines connect as the URL's user.

    Args:
        url: The server; its user must be allowed to make databases.
        through: The same with a forwarder's host and port, by which pipelines reach it; the
            server's own if not given.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        log: The server's JSON log of statements, if it can be read here. Of it, only what
            concerns the session's database counts, and it is never emptied.

    Raises:
        SettingsError: It is no URL of a PostgreSQL server.
    """

    def __init__(
        self,
        url: str,
        *,
        through: str = "",
        guardian: Guardian | None = None,
        log: Path | None = None,
    ) -> None:
        address = parse(url)
        server = PostgresAddress(address, through=parse(through or url), log=log)
        super().__init__(server, tenant=OwnDatabase(address.login, guardian=guardian))


class PostgresAddress:
    """A server that is not started, only asked whether it can be used.

    Args:
        address: Where it is.
        through: By which host and port pipelines reach it.
        log: Its JSON log of statements, if it can be read here.
    """

    def __init__(self, address: Address, *, through: Address, log: Path | None = None) -> None:
        self._address = address
        self._running = Running(
            host=through.host,
            port=through.port,
            admin=address.login,
            options=address.options,
            log=log,
            origin=(address.host, address.port),
        )

    def start(self) -> Running:
        """Look whether sessions can have databases of their own there.

        Raises:
            SettingsError: The URL's user, password or database is wrong.
            ServiceError: It cannot be reached, or lets nobody in.
            EnvironmentNotAbleError: It is too old, a standby, or the log is not one of statements.
        """
        with closing(self._connected()) as connection:
            self._must_be_able(connection)
            if self._running.log is not None:
                _must_tell(connection, self._running.log)
        return self._running

    def stop(self) -> None:
        """Nothing: it goes on without the session."""

    def check(self) -> None:
        """Nothing: whether it runs is not known before it is asked."""

    def _connected(self) -> Connection:
        try:
            connection: Connection = psycopg2.connect(
                **parameters(self._running, self._running.admin)
            )
        except psycopg2.Error as error:
            raise self._explained(str(error).strip()) from None
        return connection

    def _explained(self, said: str) -> HarnessError:
        by_url = "try it: psql with the same URL"
        found = (one for one in _REASONS if one[0] in said)
        _, kind, remedy = next(found, ("", ServiceError, by_url))
        return kind(
            "the PostgreSQL that was given by URL cannot be used",
            cause=self._hidden(said),
            evidence=[f"asked: {self._address}"],
            remedy=remedy,
        )

    def _hidden(self, said: str) -> str:
        """A message without the password, should it stand in it.

        What is a word of any message, or is shown of the address anyway, is no secret that could
        be recognised; to blank it would only tell it.
        """
        password = self._address.login.password
        if not password or password in str(self._address):
            return said
        found = re.escape(password)
        if len(password) < _RECOGNISED:
            found = rf"(?<!\w){found}(?!\w)"
        return re.sub(found, "***", said)

    def _must_be_able(self, connection: Connection) -> None:
        version = connection.server_version
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            standby = cursor.fetchone() == (True,)
        if version < _OLDEST or standby:
            raise EnvironmentNotAbleError(
                "the PostgreSQL that was given by URL cannot hold a database for this session",
                cause="it is a standby, which can only be read"
                if standby
                else f"its version is {version // 10_000}; 12 is the oldest that is known to work",
                evidence=[f"asked: {self._address}"],
                remedy="name another server",
            )


def _must_tell(connection: Connection, log: Path) -> None:
    """Look whether the log is readable, and tells what is needed to judge sessions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name IN %s", (tuple(_JUDGED),))
        found = dict(cursor.fetchall())
    wrong = [
        f"{name} is {found.get(name)!r} and must be {SETTINGS[name]!r}"
        for name, right in _JUDGED.items()
        if not right.fullmatch(found.get(name, ""))
    ]
    try:
        log.open("rb").close()
    except OSError as error:
        wrong.append(f"{log} cannot be read: {error.strerror}")
    if wrong:
        raise EnvironmentNotAbleError(
            "the log of the PostgreSQL that was given by URL cannot be judged",
            evidence=wrong,
            remedy="set up the server so, or give no log: what fails in silence is then unseen",
        )
