"""The tap's events, read while they are written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


_OF_ANY_PROCESS = frozenset(
    {"connection_failed", "connection_refused", "object_missing", "thread_failed", "unreadable"}
    | {"fault"}
    | {"dbt", "dbt_packages_kept", "dbt_unset"}
    | {"postgres_led", "secret_unset", "store_made"}
)


class EventTail:
    """Reads the lines that were added to a file of events since the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def new(self) -> Iterator[Mapping[str, Any]]:
        """The events since the last call; a line that is not whole yet is left for the next.

        A line that cannot be read (the disk was full, or somebody else wrote to the file) is
        an event ``unreadable``.
        """
        # Looked at many times a second, and mostly there is nothing.
        if not self._has_more():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                yield _event(line)

    def _has_more(self) -> bool:
        try:
            return self._path.stat().st_size > self._offset
        except FileNotFoundError:
            return False


def of_run(events: Iterable[Mapping[str, Any]], process: int) -> Iterator[Mapping[str, Any]]:
    """The events of Mage's own process, and what its children did at the services.

    Args:
        events: The events of all processes that run with the tap.
        process: Mage's process.
    """
    for event in events:
        if event["pid"] == process or event["event"] in _OF_ANY_PROCESS:
            yield event


def _event(line: bytes) -> Mapping[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if not isinstance(event, dict) or not {"event", "at", "pid"} <= event.keys():
        return {"event": "unreadable", "at": 0.0, "pid": 0}
    return event
