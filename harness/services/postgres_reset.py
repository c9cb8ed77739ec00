"""Empty a PostgreSQL server: what a pipeline may have made in it, and nothing that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg2 import sql

from harness.services.postgres_held import one_between, state_of

if TYPE_CHECKING:
    from psycopg2.extensions import cursor as Cursor  # noqa: N812


def empty(cursor: Cursor, *, database: str, user: str, admin: str) -> str | None:
    """Make the pipelines' database anew; drop other databases, roles and settings.

    Args:
        cursor: One of the administrator's, in the database ``postgres``, that commits at once.
        database: The pipelines' database.
        user: The pipelines' user, who stays, as ``admin`` does.
        admin: The administrator.

    Returns:
        The state of the server in which nobody has written to that database yet; None where others
            wrote meanwhile, to whatever database.
    """
    cursor.execute(
        "SELECT datname, datistemplate FROM pg_database "
        "WHERE datname NOT IN ('postgres', 'template0', 'template1')"
    )
    for other, template in cursor.fetchall():
        name = sql.Identifier(other)
        if template:
            cursor.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(name))
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
    cursor.execute(
        "SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%%' AND rolname NOT IN (%s, %s)",
        (admin, user),
    )
    for (role,) in cursor.fetchall():
        name = sql.Identifier(role)
        cursor.execute(sql.SQL("DROP OWNED BY {}").format(name))
        cursor.execute(sql.SQL("DROP ROLE {}").format(name))
    cursor.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(sql.Identifier(user)))
    before = state_of(cursor)
    cursor.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 STRATEGY file_copy").format(
            sql.Identifier(database), sql.Identifier(user)
        )
    )
    after = state_of(cursor)
    return after if one_between(before, after) else None
