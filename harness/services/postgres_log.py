"""PostgreSQL's JSON log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.services.log import ServerLog
from harness.services.postgres_sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from harness.services.protocol import Incident


class StatementLog(ServerLog):
    """The statements of all sessions, and what went wrong in them.

    Args:
        file: The log; it need not exist yet.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self._sessions = Sessions()

    def judge(self, line: bytes) -> Iterable[Incident]:
        """What an entry tells of; see ``Sessions``."""
        try:
            entry = json.loads(line)
        except ValueError:
            # A server that was killed may leave half a line.
            return ()
        return self._sessions.feed(entry)

    def undecided(self) -> bool:
        """Whether a session that has not ended holds writes that are not committed."""
        return self._sessions.undecided()

    def clear(self) -> None:
        """Empty the log, and forget what has been read and all sessions."""
        super().clear()
        self._sessions.forget()
