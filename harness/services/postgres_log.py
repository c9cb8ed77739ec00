"""PostgreSQL's JSON log."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.services.log import ServerLog
from harness.services.postgres_heard import heard
from harness.services.postgres_sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from harness.services.heard import Heard
    from harness.services.protocol import Incident


class StatementLog(ServerLog):
    """The statements of all sessions, and what went wrong in them.

    Args:
        file: The log; it need not exist yet.
        database: The only database that counts, on a server (and in a log) that others use too.

    Attributes:
        offset: Seconds that the server has added to the real time in what is read from now on.
    """

    def __init__(self, file: Path, *, database: str | None = None) -> None:
        super().__init__(file, shared=database is not None)
        self._sessions = Sessions()
        self._database = database
        self.offset = 0
        # As the server writes it, so that the lines of others need not be taken apart.
        self._named = b"" if database is None else f'"dbname":{json.dumps(database)}'.encode()

    def judge(self, line: bytes) -> Iterable[Incident]:
        """What an entry tells of; see ``Sessions``."""
        if self._named not in line:
            return ()
        try:
            entry = json.loads(line)
        except ValueError:
            # A server that was killed may leave half a line.
            return ()
        if self._database is not None and entry.get("dbname") != self._database:
            return ()
        found = self._sessions.feed(entry)
        return [replace(one, at=one.at - self.offset) for one in found]

    def heard(self, since: float) -> Iterator[Heard]:
        """The statements, in order; see ``postgres_heard``.

        Args:
            since: Seconds since the epoch.
        """
        return heard(self._file, since=since, offset=self.offset, database=self._database)

    def undecided(self) -> bool:
        """Whether a session that has not ended holds writes that are not committed."""
        return self._sessions.undecided()

    def clear(self) -> None:
        """Forget what has been read, and all sessions."""
        super().clear()
        self._sessions.forget()
