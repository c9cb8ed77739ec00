"""MySQL as a service of the stack, whoever runs the server: MariaDB's."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from harness.errors import ServiceError
from harness.services import mysql_tables as tables
from harness.services.mysql_access import Access
from harness.services.mysql_server import COLLATION, DATABASE, USER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa
    from pymysql.cursors import Cursor

    from harness.services.mysql_server import Exchange, Running, Server
    from harness.services.protocol import Incident, Sink

_PATIENCE = 1.0
"""Seconds that the end of a session is waited for."""
_SHOWN = 3
_ORACLES = re.compile(r"\butf8mb4_0900_\w+")
"""Collations that dumps of Oracle's MySQL name, and MariaDB does not have."""


class MySql:
    """What pipelines take for MySQL and MariaDB: one server, which has any database that they name.

    Its logs tell what pipelines do not: statements that failed, and writes that nobody committed.

    Args:
        server: Who runs it.

    Attributes:
        server: Who runs it.
        user: Whom pipelines connect as.
        database: The one that is there where a pipeline names none.
    """

    name = "mysql"

    def __init__(self, server: Server) -> None:
        self.server = server
        self.user = USER
        self.database = DATABASE
        self._access: Access | None = None
        # Seconds that the server adds to the real time.
        self._offset = 0

    @property
    def host(self) -> str:
        """The server's address."""
        return self._running.host

    @property
    def port(self) -> int:
        """The server's port."""
        return self._running.port

    @property
    def password(self) -> str:
        """The password of the pipelines' user."""
        return self._running.password

    @property
    def listens_at(self) -> tuple[str, int]:
        """Its host and port."""
        return self.host, self.port

    @property
    def url(self) -> str:
        """The pipelines' database; SQLAlchemy adds its driver after ``mysql``."""
        where = f"{self.host}:{self.port}/{self.database}"
        return f"mysql://{self.user}:{quote(self.password, safe='')}@{where}"

    @property
    def exchange(self) -> Exchange:
        """The folder by which rows go in and out."""
        return self._running.exchange

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing: all can be seen and undone."""
        return ()

    def start(self) -> None:
        """Start the server, with the users in it.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: It is not installed, or its fixed port is taken.
        """
        if self._access is None:
            self._access = Access(self.server.start(), server=self.server)

    def stop(self) -> None:
        """End the server and delete its data. Safe to call twice, or before start."""
        self._access = None
        self.server.stop()

    def reset(self) -> None:
        """Drop all databases, and forget what went wrong."""
        from harness.services.mysql_reset import empty  # noqa: PLC0415 - imports an extra

        with self.cursor() as cursor:
            empty(cursor)

    def environment(self) -> Mapping[str, str]:
        """The names that io_config.yaml and the official images use."""
        return {
            "MYSQL_HOST": self.host,
            "MYSQL_PORT": str(self.port),
            "MYSQL_USER": self.user,
            "MYSQL_PASSWORD": self.password,
            "MYSQL_DATABASE": self.database,
        }

    def overlay(self) -> Mapping[str, str]:
        """Mage's keys for MySQL; the database is the author's, and is made when it is named."""
        return {
            "MYSQL_HOST": self.host,
            "MYSQL_PORT": str(self.port),
            "MYSQL_USER": self.user,
            "MYSQL_PASSWORD": self.password,
        }

    def values(self) -> Mapping[str, str]:
        """What ``{name}`` stands for in the settings of pipelines."""
        return {name.lower(): value for name, value in self.environment().items()}

    def cursor(self, *, asked: str = "") -> AbstractContextManager[Cursor]:
        """A cursor of pymysql's on a connection of the harness's own, which is not judged.

        Args:
            asked: What it is for, for the error where a statement is not accepted.
        """
        return self._up().cursor(self.database, asked=asked)

    def execute(self, sql: str) -> None:
        """Carry out statements, for example to put in what a test needs; each commits by itself.

        Raises:
            InputError: MySQL did not accept one.
            ServiceError: The server does not run or does not answer.
        """
        from harness.services.mysql_statements import split  # noqa: PLC0415

        with self.cursor(asked=sql) as cursor:
            for statement in split(sql):
                if statement.strip():
                    cursor.execute(_ORACLES.sub(COLLATION, statement))

    def query(self, sql: str) -> pa.Table:
        """Read the result of a query; for types see ``mysql_arrow.fetch``.

        Raises:
            InputError: MySQL did not accept it.
            ServiceError: The server does not run or does not answer.
        """
        from harness.services.mysql_arrow import fetch  # noqa: PLC0415 - imports Arrow

        with self.cursor(asked=sql) as cursor:
            return fetch(cursor, sql, exchange=self.exchange)

    def inventory(self) -> Sequence[Sink]:
        """All tables, without the system's."""
        with self.cursor() as cursor:
            return tables.inventory(cursor)

    def describe(self, name: str) -> Sink:
        """One table or view by ``database.table``.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        with self.cursor() as cursor:
            return tables.describe(cursor, name)

    def read(self, name: str) -> pa.Table:
        """All rows of a table or view.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        with self.cursor() as cursor:
            selection = tables.selection(cursor, name)
        return self.query(selection)

    def partitions(self, name: str) -> Mapping[str, int]:
        """Rows by the partition's name where the table is declared as partitioned.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        with self.cursor() as cursor:
            return tables.partitions(cursor, name)

    def primary_key(self, name: str) -> tuple[str, ...]:
        """The columns of a table's primary key, in its order; none where it has none.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        with self.cursor() as cursor:
            return tables.primary_key(cursor, name)

    def incidents(self, since: float) -> Sequence[Incident]:
        """Errors (``mysql-error``) and writes that were lost: see ``mysql_sessions``."""
        from harness.services.mysql_log import account  # noqa: PLC0415 - imports an extra

        until = time.monotonic() + _PATIENCE
        with self.cursor() as cursor:
            while (found := account(cursor)).undecided and time.monotonic() < until:
                time.sleep(0.05)
        real = [replace(one, at=one.at - self._offset) for one in found.incidents]
        return [one for one in real if one.at >= since]

    def told(self, since: float) -> Sequence[str]:
        """The statements since a time that wrote other values than they were given."""
        from harness.services.mysql_log import changed  # noqa: PLC0415

        with self.cursor() as cursor:
            found = changed(cursor, since=since + self._offset)
        if not found:
            return ()
        shown = "; ".join(one[:80] for one in dict.fromkeys(found[:_SHOWN]))
        return (f"MySQL wrote other values than it was given (cut, rounded or replaced): {shown}",)

    @property
    def _running(self) -> Running:
        return self._up().running

    def _up(self) -> Access:
        if self._access is None:
            raise ServiceError("MySQL is not running", remedy="start the service first")
        return self._access
