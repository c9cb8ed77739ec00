"""A database of the session's own on a PostgreSQL that others use too."""

from __future__ import annotations

import json
import secrets
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import errors, sql

from harness.errors import EnvironmentNotAbleError, HarnessError, ServiceError
from harness.machine.guardian import Guardian
from harness.machine.order import order
from harness.services import postgres_drop
from harness.services.postgres_access import parameters
from harness.services.postgres_server import Login

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812

    from harness.services.postgres_access import Access

PREFIX = "mage_harness_"
_TRIES = 3
"""How often template0 is asked for; the server itself waits five seconds each time."""
_STRATEGY_SINCE = 150000


class OwnDatabase:
    """Made from template0 and dropped at the end; nothing else on the server is touched.

    Args:
        login: The user, who may make databases.
        guardian: Who drops the database when the harness cannot; one of its own if not given.
    """

    alone = False

    def __init__(self, login: Login, *, guardian: Guardian | None = None) -> None:
        name = f"{PREFIX}{secrets.token_hex(8)}"
        self.login = Login(user=login.user, password=login.password, database=name)
        self._guardian = guardian or Guardian()
        self._owns_guardian = guardian is None

    def enter(self, access: Access) -> None:
        """Make the database.

        Raises:
            EnvironmentNotAbleError: The user may not make one, or is not let into it.
            ServiceError: The server does not do it for another reason.
        """
        # Before there is anything to drop: a process that is killed in between leaves nothing.
        command, variables = _order(access, self.login.database)
        self._guardian.command(self.login.database, command, environment=variables)
        try:
            with closing(access.admin()) as connection:
                self._create(connection)
            self._visit(access)
        except BaseException:
            with suppress(HarnessError):
                self.leave(access)
            raise

    def reset(self, access: Access) -> None:
        """Drop the database with all sessions in it, and make it anew.

        Raises:
            ServiceError: The server does not do it.
        """
        with closing(access.admin()) as connection:
            self._drop(connection)
            self._create(connection)

    def leave(self, access: Access) -> None:
        """Drop the database with all sessions in it. Safe to call twice.

        Raises:
            ServiceError: The server does not do it; whoever clears up tries once more.
        """
        try:
            with closing(self._last(access)) as connection:
                self._drop(connection)
            self._guardian.forget_command(self.login.database)
        finally:
            if self._owns_guardian:
                self._guardian.close()
                self._guardian = Guardian()

    def _create(self, connection: Connection) -> None:
        name = sql.Identifier(self.login.database)
        with connection.cursor() as cursor:
            # The copy of files is the quickest where nothing is synced; elsewhere it would make
            # the whole server write a checkpoint.
            cursor.execute("SHOW fsync")
            quick = cursor.fetchone() == ("off",) and connection.server_version >= _STRATEGY_SINCE
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 {}").format(
                name, sql.SQL("STRATEGY file_copy" if quick else "")
            )
            for left in reversed(range(_TRIES)):
                try:
                    cursor.execute(statement)
                    break
                except errors.InsufficientPrivilege as error:
                    raise self._not_allowed(error) from error
                except errors.ObjectInUse as error:
                    if not left:
                        raise _failed("make", self.login.database, error) from error
                except psycopg2.Error as error:
                    raise _failed("make", self.login.database, error) from error
            # As on the servers that the harness starts.
            cursor.execute(sql.SQL("ALTER DATABASE {} SET timezone TO 'UTC'").format(name))

    def _drop(self, connection: Connection) -> None:
        try:
            postgres_drop.drop(connection, self.login.database)
        except psycopg2.Error as error:
            raise _failed("drop", self.login.database, error) from error

    def _last(self, access: Access) -> Connection:
        """The connection that drops it; where there is none, what stays behind is named."""
        try:
            return access.admin()
        except ServiceError as error:
            raise ServiceError(
                f"{error.symptom}: the session's database may still be there",
                cause=error.cause,
                evidence=[f"the database: {self.login.database}", *error.evidence],
                remedy=f"{error.remedy}{_by_hand(self.login.database)}",
            ) from error

    def _visit(self, access: Access) -> None:
        """Look whether pipelines are let in: a server may know its databases by name."""
        try:
            access.connect(self.login).close()
        except ServiceError as error:
            raise EnvironmentNotAbleError(
                f"PostgreSQL does not let {self.login.user} into the session's own database",
                cause=error.cause,
                evidence=[f"made for this session: {self.login.database}"],
                remedy="let that user in: in pg_hba.conf, a line for database `all` or, from "
                f"version 16 on, `/^{PREFIX}`",
            ) from error

    def _not_allowed(self, error: Exception) -> EnvironmentNotAbleError:
        return EnvironmentNotAbleError(
            f"PostgreSQL does not let {self.login.user} make a database",
            cause=str(error).strip(),
            evidence=["each session has a database of its own on a server that is given by URL"],
            remedy=f'have an administrator run: ALTER ROLE "{self.login.user}" CREATEDB',
        )


def _order(access: Access, database: str) -> tuple[list[str], dict[str, str]]:
    """What drops the database when the harness is gone: a command and its variables."""
    connection = parameters(access.running, access.running.admin)
    command, variables = order(postgres_drop.__name__)
    what = json.dumps({"connection": connection, "database": database})
    return command, {**variables, postgres_drop.VARIABLE: what}


def _failed(verb: str, database: str, error: Exception) -> ServiceError:
    return ServiceError(
        f"PostgreSQL did not {verb} the session's database",
        cause=str(error).strip(),
        evidence=[f"the database: {database}"],
        remedy=f"see to what the server says{_by_hand(database) if verb == 'drop' else ''}",
    )


def _by_hand(database: str) -> str:
    return f', then run: DROP DATABASE IF EXISTS "{database}"'
