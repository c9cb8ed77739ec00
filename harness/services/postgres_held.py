"""What a PostgreSQL database holds, known until a transaction has written anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg2.extensions import cursor as Cursor  # noqa: N812

    from harness.services.protocol import Sink

# Which transactions have written, in whatever database, and which may yet: "lowest:next:open ones".
_STATE = "SELECT txid_current_snapshot()::text"


class Held:
    """What there is in one state of the server.

    To look needs a connection to the pipelines' database, which takes longer than all questions on
    it; none may stay there, since a database that somebody is in can be neither dropped nor copied.
    """

    def __init__(self) -> None:
        self._known: tuple[str, tuple[Sink, ...]] | None = None

    def at(self, state: str, look: Callable[[], Sequence[Sink]]) -> list[Sink]:
        """What there is in the state that the server is in.

        Args:
            state: The state, asked before this.
            look: Looks at what there is; asked in a state that is not known.
        """
        known = self._known
        if known is None or known[0] != state:
            self._known = known = state, tuple(look())
        return list(known[1])

    def empty(self, state: str | None) -> None:
        """The database has been made anew.

        Args:
            state: In which there is nothing in it; None where that is not known of any.
        """
        self._known = None if state is None else (state, ())


def state_of(cursor: Cursor) -> str:
    """The state of a server: the same text, the same rows in all its databases.

    Args:
        cursor: One of a connection that commits each statement at once.
    """
    cursor.execute(_STATE)
    row = cursor.fetchone()
    return str(row[0]) if row else ""


def one_between(before: str, after: str) -> bool:
    """Whether just one transaction has written between two states, and none was open.

    Args:
        before: The one state.
        after: The other.
    """
    low, high, under_way = before.split(":")
    following = str(int(high) + 1)
    return not under_way and low == high and after == f"{following}:{following}:"
