"""PostgreSQL as a service of the stack, whoever runs the server."""

from __future__ import annotations

import secrets
import time
from functools import partial
from typing import TYPE_CHECKING

from harness.errors import ServiceError
from harness.services import postgres_tables as tables
from harness.services.postgres_access import Access
from harness.services.postgres_counted import Counted
from harness.services.postgres_held import Held
from harness.services.postgres_log import StatementLog
from harness.services.postgres_queries import Queries
from harness.services.postgres_sessions import OWN
from harness.services.postgres_tenant import WholeServer
from harness.services.postgres_variables import environment, overlay, placeholders

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa
    from psycopg2.extensions import connection as Connection  # noqa: N812

    from harness.services.heard import Heard
    from harness.services.postgres_server import Server
    from harness.services.postgres_tenant import Tenant
    from harness.services.protocol import Incident, Sink

_PATIENCE = 1.0
"""Seconds that the end of a session, and the log behind it, is waited for."""
_UNSEEN = (
    "PostgreSQL's log cannot be read on a server that was given by URL: statements that fail in "
    "silence, and writes that are never committed, are not seen there"
)


class Postgres:
    """A database for pipelines, filled, emptied, looked into and judged by the server's log.

    The log tells what pipelines do not: statements that failed, and writes that nobody committed.

    Args:
        server: Who runs it.
        tenant: What the session has of it; the whole server if not given.

    Attributes:
        server: Who runs it.
    """

    name = "postgres"

    def __init__(self, server: Server, *, tenant: Tenant | None = None) -> None:
        self.server = server
        self._tenant = tenant or WholeServer()
        self._access: Access | None = None
        self._log: StatementLog | None = None
        self._counted = Counted()
        self._held = Held()

    @property
    def host(self) -> str:
        """The server's address."""
        return self._up().running.host

    @property
    def port(self) -> int:
        """The server's port."""
        return self._up().running.port

    @property
    def user(self) -> str:
        """Whom pipelines connect as."""
        return self._tenant.login.user

    @property
    def password(self) -> str:
        """That user's password."""
        return self._tenant.login.password

    @property
    def database(self) -> str:
        """Where pipelines connect to."""
        return self._tenant.login.database

    @property
    def listens_at(self) -> tuple[str, int]:
        """Its host and port."""
        return self.host, self.port

    @property
    def url(self) -> str:
        """The pipelines' database, for libpq; SQLAlchemy adds its driver after ``postgresql``."""
        return self._up().url(self._tenant.login)

    @property
    def log(self) -> Path | None:
        """The file that takes the server's log of statements, where it can be read."""
        return self._up().running.log

    @property
    def notes(self) -> tuple[str, ...]:
        """What this service cannot do, each to be told once."""
        return (_UNSEEN,) if self._access is not None and self._log is None else ()

    def start(self) -> None:
        """Start the server, and make the database and the user that pipelines get.

        Raises:
            ServiceError: It did not start.
            EnvironmentNotAbleError: This machine cannot run it.
        """
        if self._access is not None:
            return
        try:
            running = self.server.start()
            access = Access(running, server=self.server)
            try:
                self._tenant.enter(access)
            except BaseException:
                access.close()
                raise
            self._access = access
            if running.log is not None:
                only = None if self._tenant.alone else self.database
                self._log = StatementLog(running.log, database=only)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and delete its data. Safe to call twice, or before start."""
        access, self._access, self._log = self._access, None, None
        self._counted.forget()
        self._held.empty(None)
        try:
            if access is not None:
                access.close()
                self._tenant.leave(access)
        finally:
            self.server.stop()

    def reset(self) -> None:
        """Make the pipelines' database anew, and forget what went wrong."""
        self._held.empty(self._tenant.reset(self._up()))
        log = self._settled()
        if log is not None:
            log.clear()

    def environment(self) -> Mapping[str, str]:
        """The names that io_config.yaml, the official image and libpq use."""
        return environment(self._up().running, login=self._tenant.login)

    def overlay(self) -> Mapping[str, str]:
        """Mage's keys for PostgreSQL; the schema is the author's."""
        return overlay(self._up().running, login=self._tenant.login)

    def values(self) -> Mapping[str, str]:
        """What ``{name}`` stands for in the settings of pipelines."""
        return placeholders(self._up().running, login=self._tenant.login)

    def connect(self) -> Connection:
        """A connection to the pipelines' database, as their user.

        Its statements are not reported as incidents. The caller closes it.

        Raises:
            ServiceError: The server does not run or does not answer.
        """
        return self._up().connect(self._tenant.login)

    def execute(self, sql: str) -> None:
        """Carry out statements and commit them, for example to put in what a test needs.

        Raises:
            InputError: PostgreSQL did not accept them.
            ServiceError: The server does not run or does not answer.
        """
        self._queries().execute(sql)

    def query(self, sql: str) -> pa.Table:
        """Read the result of a query; for types see ``postgres_arrow.fetch``.

        Raises:
            InputError: PostgreSQL did not accept it.
            ServiceError: The server does not run or does not answer.
        """
        return self._queries().query(sql)

    def inventory(self) -> Sequence[Sink]:
        """What holds rows: tables and materialised views, without the system's."""
        look = partial(self._queries().look, tables.inventory, self._counted)
        # On a server of somebody else's the harness leaves no connection standing.
        return look() if self._log is None else self._held.at(self._up().state(), look)

    def describe(self, name: str) -> Sink:
        """One table or view by ``schema.table``.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._queries().look(tables.describe, self._counted, name)

    def read(self, name: str) -> pa.Table:
        """All rows of a table or view.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self.query(self._queries().look(tables.selection, name))

    def read_column(self, name: str, column: str) -> pa.Table:
        """One column of all rows of a table or view.

        Raises:
            MissingSinkError: There is no such table; the message names the nearest that exist.
        """
        return self.query(self._queries().look(tables.selection, name, column))

    def read_extremes(self, name: str, column: str) -> pa.Table | None:
        """The least and the greatest number of a column, and a null if it has any.

        None where it has no numbers.

        Raises:
            MissingSinkError: There is no such table; the message names the nearest that exist.
        """
        return self._queries().look(tables.extremes, name, column)

    def partitions(self, name: str) -> Mapping[str, int]:
        """Rows by the leaf's name where the table is declared as partitioned.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._queries().look(tables.partitions, name)

    def primary_key(self, name: str) -> tuple[str, ...]:
        """The columns of a table's primary key, in its order; none where it has none.

        Raises:
            MissingSinkError: There is none; the message names the nearest that exist.
        """
        return self._queries().look(tables.primary_key, name)

    def incidents(self, since: float) -> Sequence[Incident]:
        """Errors (``postgres-error``) and writes never committed (``postgres-uncommitted``).

        None where the log cannot be read; ``notes`` says so.
        """
        log = self._settled()
        until = time.monotonic() + _PATIENCE
        while log is not None and log.undecided() and time.monotonic() < until:
            if not self._others():
                # A session is out of the list before it writes its last line.
                until = min(until, time.monotonic() + _PATIENCE / 4)
            time.sleep(0.01)
            log = self._settled()
        return () if log is None else log.incidents(since)

    def heard(self, since: float) -> Iterable[Heard]:
        """The statements that it was given; none where the log cannot be read."""
        log = self._settled()
        return () if log is None else log.heard(since)

    def _settled(self) -> StatementLog | None:
        """The log, read up to now: to the statement that this very call sends."""
        access, log = self._up(), self._log
        if log is not None:
            mark = f"mark {secrets.token_hex(8)}"
            with access.standing().cursor() as cursor:
                cursor.execute(f"SELECT '{mark}'")
            log.read_to(mark)
        return log

    def _others(self) -> int:
        """How many sessions there are that are not the harness's."""
        with self._up().standing().cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE application_name <> %s AND backend_type = 'client backend' "
                "AND (%s OR datname = %s)",
                (OWN, self._tenant.alone, self.database),
            )
            row = cursor.fetchone()
        return int(row[0]) if row else 0

    def _queries(self) -> Queries:
        return Queries(self._up(), login=self._tenant.login)

    def _up(self) -> Access:
        if self._access is None:
            raise ServiceError("PostgreSQL is not running", remedy="start the service first")
        return self._access
