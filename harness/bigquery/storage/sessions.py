"""Read sessions: the content of a table at one moment, cut into streams.

A session sees its table as it was made. As long as the table is the same its streams read it
directly; a transaction that the session holds still sees the old content when the table has
changed, and copies it once somebody reads on. It ends with the last stream, so that a session which
is read to its end costs nothing more.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.storage.filter import ALIAS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import TableRef
    from harness.bigquery.storage.session import ReadSession, Stream

# "Read sessions" of the reference: a session expires six hours after it was made.
LIFETIME = 6 * 3600.0
_KEPT = 1000
# Each holds a transaction; a client that leaves its sessions unread makes the oldest expire.
_HELD = 64


class ReadSessions:
    """The sessions of a stub.

    Args:
        catalog: The catalog.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, ReadSession] = OrderedDict()

    def hold(self, session: ReadSession) -> int:
        """Keep the content of the table for a session; the catalog's lock is held.

        Returns:
            The row id after the last.
        """
        session.expires = self._catalog.database.clock.time() + LIFETIME
        session.held = session.holding.enter_context(self._catalog.database.cursor())
        session.held.execute("BEGIN")
        last = "count(*) - 1" if session.table.hides_row_ids else "max(rowid)"
        row = session.held.execute(f"SELECT {last} FROM {session.table.rows_in}").fetchone()  # noqa: S608
        if session.table.hides_row_ids:
            self._copy(session, None)
        return 0 if row is None or row[0] is None else int(row[0]) + 1

    def add(self, session: ReadSession) -> None:
        """Add a session that is held."""
        with self._lock:
            self._sessions[session.name] = session
            held = [one for one in self._sessions.values() if one.held is not None]
            old = [*held[:-_HELD], *([] if session.streams else [session])]
            while len(self._sessions) > _KEPT:
                old.append(self._sessions.popitem(last=False)[1])
        for one in old:
            self.let_go(one)

    def find(self, stream: str) -> tuple[ReadSession, Stream]:
        """A stream and its session.

        Raises:
            ApiError: There is none of that name, or its session is over.
        """
        with self._lock:
            session = self._sessions.get(stream.rpartition("/streams/")[0])
        found = session.streams.get(stream) if session else None
        if session is None or found is None:
            raise ApiError("notFound", f"Not found: Stream {stream}")
        if self._catalog.database.clock.time() >= session.expires:
            self.let_go(session)
            raise self._expired(session, stream)
        return session, found

    def table_of(self, stream: str) -> TableRef | None:
        """The table that a stream is of, or None."""
        with self._lock:
            session = self._sessions.get(stream.rpartition("/streams/")[0])
        return session.table.ref if session else None

    @contextmanager
    def reading(
        self, session: ReadSession, stream: Stream, *, offset: int
    ) -> Iterator[pa.RecordBatchReader]:
        """The content of a stream, as batches that DuckDB makes while they are read.

        Raises:
            ApiError: The session is over and its table has changed since.
        """
        with self._catalog.database.cursor() as cursor:
            with session.lock, self._catalog.lock:
                if session.gone or not (session.copy or self._same(session)):
                    self._copy(session, stream)
                cursor.execute("BEGIN")
                batches = cursor.sql(session.sql(stream, offset=offset)).to_arrow_reader(
                    session.rows_per_batch
                )
            yield batches

    def copy_now(self, session: ReadSession) -> None:
        """Copy what a session reads at once, for conditions whose answer changes."""
        with session.lock:
            if session.copy is None:
                self._copy(session, None)

    def read_to_end(self, session: ReadSession, stream: Stream) -> None:
        """Note that a stream was read to its end; after the last one nothing is held any more."""
        with session.lock:
            session.unread.discard(stream.name)
            done = not session.unread
        if done:
            self.let_go(session)

    def clear(self) -> None:
        """Forget all sessions; who still reads one is refused."""
        with self._lock:
            sessions = list(self._sessions.values())
            self._sessions.clear()
        for session in sessions:
            session.gone = True
            self.let_go(session)

    def let_go(self, session: ReadSession) -> None:
        """End what a session holds; of a changed table it is over then."""
        with session.lock:
            held, session.held = session.held, None
            copy, session.copy = session.copy, None
            if held is None:
                return
            session.holding.close()
        if copy is not None:
            self._catalog.discard(copy)

    def _same(self, session: ReadSession) -> bool:
        """Whether the table is still as the session has it; the catalog's lock is held."""
        now = self._catalog.find_table(session.table.ref)
        old = session.table
        return now is not None and (now.rows_in, now.version) == (old.rows_in, old.version)

    def _copy(self, session: ReadSession, stream: Stream | None) -> None:
        """Copy the content by the transaction that still sees it; the session's lock is held."""
        if session.held is None or session.gone:
            raise self._expired(session, stream.name if stream else session.name)
        name = self._catalog.database.new_name()
        row = f"{session.table.row_id} AS {session.table.row_column}"
        where = f" WHERE {' AND '.join(session.conditions)}" if session.conditions else ""
        session.held.execute(
            f"CREATE TABLE {name} AS SELECT {row}, {ALIAS}.* "  # noqa: S608
            f"FROM {session.table.rows_in} AS {ALIAS}{where}"
        )
        session.held.execute("COMMIT")
        session.copy = name

    @staticmethod
    def _expired(session: ReadSession, name: str) -> ApiError:
        at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(session.expires))
        return ApiError(
            "conditionNotMet",
            f"there was an error operating on '{name}': session expired at {at}",
        )
