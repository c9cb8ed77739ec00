"""Empty a MySQL server: what a pipeline may have made in it, and nothing that it needs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pymysql

from harness.services.mysql_access import quoted
from harness.services.mysql_log import forget
from harness.services.mysql_server import ADMIN, DATABASE, USER
from harness.services.mysql_tables import databases

if TYPE_CHECKING:
    from pymysql.cursors import Cursor

_OTHERS = "SELECT ID FROM information_schema.PROCESSLIST WHERE USER NOT IN (%s, 'system user')"
_USERS = (
    "SELECT User, Host FROM mysql.global_priv "
    "WHERE User NOT IN (%s, %s, 'mariadb.sys', 'PUBLIC', '')"
)


def empty(cursor: Cursor) -> None:
    """Drop all databases and users, end all sessions, and make the pipelines' database anew.

    Args:
        cursor: One of the harness's own.
    """
    cursor.execute(_OTHERS, (ADMIN,))
    for (number,) in cursor.fetchall():
        with contextlib.suppress(pymysql.Error):
            # It may have ended by itself; a lock of one that has not would keep its table.
            cursor.execute("KILL %s", (number,))
    for name in databases(cursor):
        cursor.execute(f"DROP DATABASE {quoted(name)}")
    cursor.execute(f"CREATE DATABASE {quoted(DATABASE)}")
    cursor.execute(_USERS, (ADMIN, USER))
    for user, host in cursor.fetchall():
        cursor.execute("DROP USER %s@%s", (user, host))
    forget(cursor)
