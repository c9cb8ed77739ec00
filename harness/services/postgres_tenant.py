"""What a session has of a PostgreSQL server: all of it, where the harness started it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Protocol

from psycopg2 import sql
from psycopg2.extensions import encrypt_password

from harness.services.postgres_held import state_of
from harness.services.postgres_reset import empty
from harness.services.postgres_server import Login

if TYPE_CHECKING:
    from psycopg2.extensions import cursor as Cursor  # noqa: N812

    from harness.services.postgres_access import Access

USER = "mage"
DATABASE = "mage"


class Tenant(Protocol):
    """The database and the user that pipelines get, from their making to their end.

    Attributes:
        login: Whom pipelines connect as, and where to.
        alone: Whether nobody else uses the server.
    """

    login: Login
    alone: bool

    def enter(self, access: Access) -> None:
        """Make what pipelines get."""

    def reset(self, access: Access) -> str | None:
        """Make it anew, also while pipelines are connected to it.

        Returns:
            The state of the server (``postgres_held``) in which nothing is in it, where that is
                known.
        """

    def leave(self, access: Access) -> None:
        """Take it away."""


class WholeServer:
    """A server of the session's own: everything in it is the session's."""

    alone = True

    def __init__(self) -> None:
        self.login = Login(user=USER, password=secrets.token_hex(16), database=DATABASE)
        self._new: str | None = None

    def enter(self, access: Access) -> None:
        """Give the user its password; make user and database where they are not there yet."""
        # Of another server, which may have come as far in its own counting.
        self._new = None
        connection = access.standing()
        with connection.cursor() as cursor:
            user, database = sql.Identifier(USER), sql.Identifier(DATABASE)
            # Only the verifier goes to the server, whose log takes every statement.
            verifier = encrypt_password(
                self.login.password, USER, scope=connection, algorithm="scram-sha-256"
            )
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (USER,))
            verb = sql.SQL("ALTER" if cursor.fetchone() else "CREATE")
            # As the official image does with POSTGRES_USER: what works there must work here.
            cursor.execute(
                sql.SQL("{} ROLE {} SUPERUSER LOGIN PASSWORD {}").format(
                    verb, user, sql.Literal(verifier)
                )
            )
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if not cursor.fetchone():
                cursor.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(database, user)
                )

    def reset(self, access: Access) -> str | None:
        """Make the database anew; drop other databases, roles and settings.

        Where nobody has written anything since the last time, and nobody is connected, all is new
        as it is.
        """
        with access.standing().cursor() as cursor:
            if self._new is None or state_of(cursor) != self._new or _others(cursor):
                admin = access.running.admin.user
                self._new = empty(cursor, database=DATABASE, user=USER, admin=admin)
            return self._new

    def leave(self, access: Access) -> None:
        """Nothing: the server ends, and all goes with it."""


def _others(cursor: Cursor) -> bool:
    """Whether there are sessions beside that of a cursor."""
    cursor.execute(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return cursor.fetchone() != (0,)
