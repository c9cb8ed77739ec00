"""Drop one database, whoever is connected to it: also a script, for when the harness is gone.

The script gets its order by a variable, where no other user can read the password in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import errors, sql

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812

VARIABLE = "MAGE_HARNESS_DROP"
"""Holds ``{"connection": {libpq's parameters}, "database": name}`` as JSON."""
FORCE_SINCE = 130000
"""The first version that has DROP DATABASE ... WITH (FORCE), as libpq counts."""
PATIENCE = 10.0
"""Seconds for those who are connected to go away."""


def drop(connection: Connection, database: str) -> None:
    """Drop a database, if there is one, and end the sessions in it.

    Args:
        connection: One to another database, of the owner, that commits at once.
        database: The database.
    """
    name = sql.Identifier(database)
    with connection.cursor() as cursor:
        cursor.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", (database,))
        row = cursor.fetchone()
        if row is None:
            return
        if row[0]:
            cursor.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(name))
        if connection.server_version >= FORCE_SINCE:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            return
        # Nobody may come while the others go.
        cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        until = time.monotonic() + PATIENCE
        while True:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (database,),
            )
            try:
                cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
            except errors.ObjectInUse:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
            else:
                return


def settle(connection: Connection, database: str) -> None:
    """Wait until no session is making a database any more.

    A statement goes on when the client that sent it has been killed.

    Args:
        connection: One to another database, of the same user, that commits at once.
        database: The database.
    """
    until = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND state = 'active' AND position(%s in query) > 0",
                (f'CREATE DATABASE "{database}"',),
            )
            if cursor.fetchone() is None:
                return
            time.sleep(0.02)


def main() -> None:
    """Carry out the order; a server that cannot be reached now is left as it is."""
    order = json.loads(os.environ.pop(VARIABLE))
    with (
        contextlib.suppress(psycopg2.Error),
        closing(psycopg2.connect(**order["connection"])) as connection,
    ):
        connection.autocommit = True
        settle(connection, order["database"])
        drop(connection, order["database"])


if __name__ == "__main__":
    main()
