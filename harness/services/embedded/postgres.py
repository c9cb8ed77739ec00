"""A private PostgreSQL from a wheel's programs, on a port of its own."""

from __future__ import annotations

import secrets
import time
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

import psycopg2

from harness.errors import InputError, ServiceError
from harness.machine.ports import HOST
from harness.machine.tenancy import Tenancy
from harness.services import postgres_tables as tables
from harness.services.embedded import cluster
from harness.services.embedded.account import account, cache_for, private_folder
from harness.services.embedded.installation import find, placed
from harness.services.embedded.launch import launch
from harness.services.postgres_log import StatementLog
from harness.services.postgres_reset import empty
from harness.services.postgres_sessions import OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa
    from psycopg2.extensions import connection as Connection  # noqa: N812

    from harness.machine.guardian import Guardian
    from harness.machine.program import Program
    from harness.services.protocol import Incident, Sink

T = TypeVar("T")

_PATIENCE = 1.0
"""Seconds that the end of a session, and the log behind it, is waited for."""


class PostgresServer:
    """One PostgreSQL server and, in it, a database for pipelines.

    Its log tells what pipelines do not: statements that failed, and writes that nobody committed.

    Args:
        cache: The folder for what is kept between runs.
        guardian: Who clears up when the harness cannot; one of its own if not given.
        port: A fixed port, or None for a free one.
        bin_folder: The folder with ``postgres`` and ``initdb``, instead of the wheel's.
    """

    name = "postgres"
    host = HOST
    user = cluster.USER
    database = cluster.DATABASE

    def __init__(
        self,
        *,
        cache: Path,
        guardian: Guardian | None = None,
        port: int | None = None,
        bin_folder: Path | None = None,
    ) -> None:
        self._cache = cache
        self._tenancy = Tenancy(self.name, cache=cache, guardian=guardian, port=port)
        self._bin_folder = bin_folder
        self.password = secrets.token_hex(16)
        self._admin_password = secrets.token_hex(16)
        self._program: Program | None = None
        self._log: StatementLog | None = None

    @property
    def port(self) -> int:
        """The server's port."""
        return self._running()

    @property
    def url(self) -> str:
        """The pipelines' database, for libpq; SQLAlchemy adds its driver after ``postgresql``."""
        return (
            f"postgresql://{quote(self.user)}:{quote(self.password)}"
            f"@{self.host}:{self.port}/{quote(self.database)}"
        )

    def start(self) -> None:
        """Copy the initialised directory, give it new passwords and start the server on it.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: The disk is full, the fixed port is taken, or this machine
                has no PostgreSQL or no user to run it as.
        """
        if self._program is not None:
            return
        who = account()
        cache = cache_for(who, self._cache)
        installation = placed(find(bin_folder=self._bin_folder), who=who, cache=cache)
        template = cluster.cached(installation, who=who, cache=cache)
        try:
            self._tenancy.folder = folder = private_folder(
                who, prefix="mage-harness-pg-", guardian=self._tenancy.guardian
            )
            data = folder / "data"
            cluster.copy(template, data, who=who)
            passwords = {cluster.ADMIN: self._admin_password, self.user: self.password}
            cluster.set_passwords(installation, data, who=who, passwords=passwords)
            self._log = StatementLog(data / cluster.LOG)
            self._program = self._tenancy.listen(
                lambda port: launch(
                    installation.bin / "postgres",
                    data,
                    port=port,
                    guardian=self._tenancy.guardian,
                    user=who.switch,
                )
            )
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and delete its data. Safe to call twice, or before start."""
        program, self._program = self._program, None
        if program is not None:
            program.stop()
        self._log = None
        self._tenancy.end()

    def reset(self) -> None:
        """Make the pipelines' database anew; drop other databases, roles and settings."""
        with closing(self._admin()) as connection, connection.cursor() as cursor:
            empty(cursor, database=self.database, user=self.user, admin=cluster.ADMIN)
        self._settled().clear()

    def environment(self) -> Mapping[str, str]:
        """The names that io_config.yaml, the official image and libpq use."""
        port = str(self.port)
        return {
            "POSTGRES_HOST": self.host,
            "POSTGRES_PORT": port,
            "POSTGRES_USER": self.user,
            "POSTGRES_PASSWORD": self.password,
            "POSTGRES_DB": self.database,
            "POSTGRES_DBNAME": self.database,
            "PGHOST": self.host,
            "PGPORT": port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.database,
        }

    def overlay(self) -> Mapping[str, str]:
        """Mage's keys for PostgreSQL; the schema is the author's."""
        return {
            "POSTGRES_HOST": self.host,
            "POSTGRES_PORT": str(self.port),
            "POSTGRES_USER": self.user,
            "POSTGRES_PASSWORD": self.password,
            "POSTGRES_DBNAME": self.database,
        }

    def connect(self) -> Connection:
        """A connection to the pipelines' database, as their user.

        Its statements are not reported as incidents. The caller closes it.
        """
        return self._connected(self.user, self.password, self.database)

    def execute(self, sql: str) -> None:
        """Carry out statements and commit them, for example to put in what a test needs.

        Raises:
            InputError: PostgreSQL did not accept them.
        """
        with closing(self.connect()) as connection:
            connection.autocommit = True
            try:
                with connection.cursor() as cursor:
                    cursor.execute(sql)
            except psycopg2.Error as error:
                raise _refused(sql, error) from error

    def query(self, sql: str) -> pa.Table:
        """Read the result of a query; for types see ``postgres_arrow.fetch``.

        Raises:
            InputError: PostgreSQL did not accept it.
        """
        return self._fetch(sql)

    def values(self) -> Mapping[str, str]:
        """The placeholders ``{postgres_host}`` and the others of a login."""
        return {
            "postgres_host": self.host,
            "postgres_port": str(self.port),
            "postgres_user": self.user,
            "postgres_password": self.password,
            "postgres_database": self.database,
        }

    def inventory(self) -> Sequence[Sink]:
        """What holds rows: tables and materialised views, without the system's."""
        return self._look(tables.inventory)

    def describe(self, name: str) -> Sink:
        """One table or view by ``schema.table``.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._look(tables.describe, name)

    def read(self, name: str) -> pa.Table:
        """All rows of a table or view.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._fetch(self._look(tables.selection, name))

    def partitions(self, name: str) -> Mapping[str, int]:
        """Rows by the leaf's name where the table is declared as partitioned.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._look(tables.partitions, name)

    def incidents(self, since: float) -> Sequence[Incident]:
        """Errors (``postgres-error``) and writes never committed (``postgres-uncommitted``)."""
        log = self._settled()
        until = time.monotonic() + _PATIENCE
        while log.undecided() and time.monotonic() < until:
            if not self._others():
                # A session is out of the list before it writes its last line.
                until = min(until, time.monotonic() + _PATIENCE / 4)
            time.sleep(0.01)
            log = self._settled()
        return log.incidents(since)

    def _settled(self) -> StatementLog:
        """The log, read up to now: to the statement that this very call sends."""
        log = self._log
        if log is None:
            raise self._not_running()
        mark = f"mark {secrets.token_hex(8)}"
        with closing(self._admin()) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT '{mark}'")
        log.read_to(mark)
        return log

    def _others(self) -> int:
        """How many sessions there are that are not the harness's."""
        with closing(self._admin()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE application_name <> %s AND backend_type = 'client backend'",
                (OWN,),
            )
            row = cursor.fetchone()
        return int(row[0]) if row else 0

    def _look(self, function: Callable[..., T], *arguments: str) -> T:
        try:
            with closing(self.connect()) as connection:
                return function(connection, *arguments)
        except psycopg2.errors.LockNotAvailable as error:
            raise ServiceError(
                "a table in PostgreSQL cannot be read now",
                cause="a session still holds a lock on it, in a transaction that has not ended",
                evidence=[str(error).strip()],
                remedy="commit or roll back what the pipeline began, and close its connection",
            ) from error

    def _fetch(self, sql: str) -> pa.Table:
        from adbc_driver_manager import Error  # noqa: PLC0415 - a stack starts before it reads

        from harness.services.postgres_arrow import fetch  # noqa: PLC0415

        try:
            return fetch(f"{self.url}?application_name={OWN}", sql)
        except Error as error:
            raise _refused(sql, error) from error

    def _admin(self) -> Connection:
        connection = self._connected(cluster.ADMIN, self._admin_password, "postgres")
        connection.autocommit = True
        return connection

    def _connected(self, user: str, password: str, database: str) -> Connection:
        port = self._running()
        try:
            return psycopg2.connect(
                host=self.host,
                port=port,
                user=user,
                password=password,
                dbname=database,
                application_name=OWN,
                connect_timeout=10,
            )
        except psycopg2.OperationalError as error:
            if self._program is not None:
                self._program.check()
            raise ServiceError(
                "PostgreSQL does not answer", cause=str(error).strip(), remedy="see its log"
            ) from error

    def _running(self) -> int:
        if self._tenancy.port is None or self._program is None:
            raise self._not_running()
        return self._tenancy.port

    def _not_running(self) -> ServiceError:
        return ServiceError("PostgreSQL is not running", remedy="start the service first")


def _refused(sql: str, error: Exception) -> InputError:
    return InputError(
        "PostgreSQL did not accept a statement of the test",
        cause=str(error).strip().splitlines()[0],
        evidence=[sql.strip()[:500]],
        remedy="correct the statement",
    )
