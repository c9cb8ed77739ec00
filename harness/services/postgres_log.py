"""PostgreSQL's JSON log, read as it grows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.services.postgres_sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.services.protocol import Incident

_BLOCK = 1 << 20


class Log:
    """What went wrong, as far as the log has been read.

    Args:
        file: The log; it need not exist yet.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = 0
        self._rest = b""
        self._sessions = Sessions()
        self._incidents: list[Incident] = []

    def read(self, *, until: str = "") -> bool:
        """Read what was written since the last time, in blocks.

        Args:
            until: A text to look for.

        Returns:
            Whether the text was among what was read.
        """
        seen = False
        sought = until.encode()
        try:
            with self._file.open("rb") as file:
                file.seek(self._offset)
                while block := file.read(_BLOCK):
                    self._offset += len(block)
                    *lines, self._rest = (self._rest + block).split(b"\n")
                    for line in lines:
                        seen = seen or bool(sought and sought in line)
                        self._take(line)
        except FileNotFoundError:
            return False
        return seen

    def undecided(self) -> bool:
        """Whether a session that has not ended holds writes that are not committed."""
        return self._sessions.undecided()

    def incidents(self, since: float) -> Sequence[Incident]:
        """What went wrong from a time on, in order of time."""
        return sorted((one for one in self._incidents if one.at >= since), key=lambda one: one.at)

    def forget(self) -> None:
        """Forget what has been read."""
        self._incidents.clear()
        self._sessions.forget()

    def _take(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
        except ValueError:
            # A server that was killed may leave half a line.
            return
        self._incidents.extend(self._sessions.feed(entry))
