"""What was counted in PostgreSQL's tables, kept as long as nobody has begun to write since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg2 import sql

if TYPE_CHECKING:
    from psycopg2.extensions import cursor as Cursor  # noqa: N812

# xmin is the transaction that wrote a row: a committed write brings a higher one, and the sum sees
# those that commit out of order. age() counts backwards from now, so it is turned round.
_FACTS = sql.SQL(
    "SELECT count(*), coalesce(max(age('3'::xid) - age(xmin)), 0), "
    "coalesce(sum(age('3'::xid) - age(xmin)), 0) FROM {}"
)
# Which transactions have written, and which may yet: the same text, the same rows.
_STATE = "SELECT txid_current_snapshot()::text, current_database()"


class Counted:
    """Numbers of rows and versions by table, of one state of the server.

    To count reads every row; a run asks twice for the same tables, and a test once more.
    """

    def __init__(self) -> None:
        self._state: object = None
        self._facts: dict[int, tuple[int, str]] = {}

    def look(self, cursor: Cursor) -> None:
        """Forget what was counted unless the server is still in the same state.

        Args:
            cursor: One at the beginning of what looks at tables.
        """
        cursor.execute(_STATE)
        state = cursor.fetchone()
        if state != self._state:
            self._state, self._facts = state, {}

    def forget(self) -> None:
        """Forget all: another server comes."""
        self._state = None

    def facts(self, cursor: Cursor, oid: int, schema: str, table: str) -> tuple[int, str]:
        """Rows of a table, and what changes with each write to it.

        Args:
            cursor: One that ``look`` was called with.
            oid: The table's own number.
            schema: Its schema.
            table: Its name.
        """
        facts = self._facts  # of this state: another thread may see the next one meanwhile
        if oid not in facts:
            cursor.execute(_FACTS.format(sql.Identifier(schema, table)))
            count, newest, total = cursor.fetchone() or (0, 0, 0)
            facts[oid] = int(count), f"{count}-{newest}-{total}"
        return facts[oid]
