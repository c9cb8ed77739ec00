"""What the pipeline has done meanwhile to tables that came over, by what PostgreSQL says."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg2

from harness.services.postgres_sessions import OWN

if TYPE_CHECKING:
    from harness.services.stack import Stack
    from harness.sources.postgres_catalog import Relation

_PATIENCE = 5.0
"""Seconds that sessions may take to end when they have been closed."""
_SESSIONS = (
    "SELECT 1 FROM pg_stat_activity WHERE (application_name = %s) = %s AND pid <> pg_backend_pid() "
    "AND datname = current_database() AND backend_type = 'client backend' LIMIT 1"
)
_SEEN = (
    "SELECT c.oid::int8, pg_relation_filenode(c.oid)::int8, "
    "coalesce(s.seq_tup_read, 0) + coalesce(s.idx_tup_fetch, 0) FROM pg_class c "
    "LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid WHERE c.oid = to_regclass(%s)"
)


@dataclass(frozen=True)
class Seen:
    """What is known of a private table.

    Attributes:
        oid: Its number; 0 where there is none.
        node: The number of the file that has its rows; another once it has been emptied.
        read: How many of its rows have been read.
    """

    oid: int = 0
    node: int = 0
    read: int = 0


class PlantedTables:
    """Looks at the private PostgreSQL while a pipeline works in it.

    Args:
        stack: The private services.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def seen(self, relation: Relation) -> Seen:
        """What is known of a table now.

        Args:
            relation: The table of the source.
        """
        with closing(self._stack.postgres.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(_SEEN, (relation.sql,))
            row = cursor.fetchone()
        return Seen(*row) if row else Seen()

    def is_same(self, relation: Relation, planted: tuple[int, int]) -> bool:
        """Whether the pipeline has neither replaced nor emptied a table, nor is about to.

        Args:
            relation: The table of the source.
            planted: The numbers of the table that came over, and of its file.
        """
        with closing(self._stack.postgres.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '500ms'")
            try:
                cursor.execute(f"LOCK TABLE {relation.sql} IN ROW EXCLUSIVE MODE")
            except psycopg2.Error:
                # It is gone, or a transaction that has not ended drops or empties it.
                return False
        now = self.seen(relation)
        return (now.oid, now.node) == planted

    def wait(self, *, own: bool) -> None:
        """Wait for sessions to end: a server counts what they have read when they do.

        Args:
            own: Whether the harness's are waited for, or those of others.
        """
        until = time.monotonic() + _PATIENCE
        with closing(self._stack.postgres.connect()) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            while time.monotonic() < until:
                cursor.execute(_SESSIONS, (OWN, own))
                if cursor.fetchone() is None:
                    return
                time.sleep(0.02)
