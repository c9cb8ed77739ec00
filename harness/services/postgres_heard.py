"""The statements that PostgreSQL was given, read once more from its log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness.services.heard import Heard
from harness.services.postgres_sessions import BAD, OWN, STATEMENT, at_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LENGTH = 2_000
"""Characters of a statement that are kept."""


def heard(file: Path, *, since: float, offset: int, database: str | None) -> Iterator[Heard]:
    """Statements and refusals, in order.

    Args:
        file: The server's log in the format ``jsonlog``.
        since: Seconds since the epoch.
        offset: Seconds that the server adds to the real time.
        database: The only database that counts; None for all.
    """
    with file.open("rb") as lines:
        for line in lines:
            entry = _entry(line)
            if entry is None or entry.get("application_name") == OWN:
                continue
            if database is not None and entry.get("dbname") != database:
                continue
            one = _heard(entry, offset)
            if one is not None and one.at >= since:
                yield one


def _entry(line: bytes) -> Mapping[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        # A server that was killed may leave half a line.
        return None
    return entry if isinstance(entry, dict) and "timestamp" in entry else None


def _heard(entry: Mapping[str, Any], offset: int) -> Heard | None:
    at = at_of(entry) - offset
    message = str(entry.get("message", ""))
    if entry.get("error_severity") in BAD:
        code = f"{entry['error_severity']} {entry.get('state_code', '')}".strip()
        what = str(entry.get("statement", "")).strip()[:LENGTH]
        return Heard(at=at, service="postgres", what=what, answer=f"{code}: {message}", failed=True)
    match = STATEMENT.match(message)
    if match is None:
        return None
    return Heard(at=at, service="postgres", what=message[match.end() :].strip()[:LENGTH])
