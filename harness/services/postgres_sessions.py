"""What went wrong in PostgreSQL's sessions, told by its log of statements."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg2 import errors

from harness.services.postgres_statements import effect, split
from harness.services.protocol import Incident

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.services.postgres_statements import Effect

OWN = "mage-harness"
"""The application name of the harness's own sessions."""
UNCOMMITTED = "postgres-uncommitted"
ROLLED_BACK = "postgres-rolled-back"
_LOST = {
    UNCOMMITTED: "a session ended inside its transaction without COMMIT",
    ROLLED_BACK: "a session rolled back what it had written although no statement had failed "
    "(SQLAlchemy does so for a connection that is closed without commit())",
}
_MANY = {"object", "BaseException", "Exception", "Error", "DatabaseError", "InternalError"} | {
    "OperationalError",
    "ProgrammingError",
}
BAD = frozenset({"ERROR", "FATAL", "PANIC"})
"""The severities of what was refused."""
_NO_TABLE = "42P01"
_ABSENT = re.compile(r'relation "([^"]+)" does not exist')
STATEMENT = re.compile(r"(?:statement|execute (?!fetch from )[^:\n]*): ")
"""What stands before a statement in a message."""
_DETAIL = 2_000


@dataclass
class _Transaction:
    """What a session wrote since its BEGIN."""

    counts: Counter[str] = field(default_factory=Counter)
    first: str = ""
    failed: bool = False
    savepoints: list[tuple[str, Counter[str]]] = field(default_factory=list)


@dataclass
class _Session:
    transaction: _Transaction | None = None
    temporary: set[str] = field(default_factory=set)


class Sessions:
    """Follows each session through the log and tells what went wrong."""

    def __init__(self) -> None:
        self._open: dict[str, _Session] = {}

    def undecided(self) -> bool:
        """Whether a session that has not ended holds writes that are not committed."""
        return any(
            one.transaction is not None and one.transaction.counts for one in self._open.values()
        )

    def forget(self) -> None:
        """Forget all sessions, as after a reset."""
        self._open.clear()

    def feed(self, entry: Mapping[str, Any]) -> Iterator[Incident]:
        """Take one entry of the JSON log.

        Args:
            entry: The entry, with the keys of PostgreSQL's ``jsonlog`` format.
        """
        if entry.get("application_name") == OWN:
            return
        session = str(entry.get("session_id", ""))
        message = str(entry.get("message", ""))
        if entry.get("error_severity") in BAD:
            self._error(session)
            yield _error(entry)
        elif message.startswith("disconnection: "):
            ended = self._open.pop(session, None)
            if ended is not None and ended.transaction is not None:
                yield from _lost(entry, ended.transaction, code=UNCOMMITTED)
        elif match := STATEMENT.match(message):
            state = self._open.setdefault(session, _Session())
            for statement in split(message[match.end() :]):
                what = effect(statement)
                if what is not None:
                    if what.kind == "rollback" and state.transaction is not None:
                        yield from _lost(entry, state.transaction, code=ROLLED_BACK)
                    _apply(state, what, statement)

    def _error(self, session: str) -> None:
        state = self._open.get(session)
        if state is not None and state.transaction is not None:
            state.transaction.failed = True


def _apply(session: _Session, what: Effect, statement: str) -> None:
    now = session.transaction
    if what.kind == "begin":
        session.transaction = now or _Transaction()
    elif what.kind in {"commit", "rollback"}:
        session.transaction = _Transaction() if what.name == "chain" else None
    elif what.kind == "temporary":
        session.temporary.add(what.name)
    elif now is None:
        # Outside BEGIN each statement commits by itself.
        return
    elif what.kind == "savepoint":
        now.savepoints.append((what.name, now.counts.copy()))
    elif what.kind == "rollback to":
        _back(now, what.name)
    elif not now.failed and what.name not in session.temporary:
        now.first = now.first or statement.strip()[:_DETAIL]
        now.counts[what.verb] += 1


def _back(transaction: _Transaction, name: str) -> None:
    while transaction.savepoints:
        known, counts = transaction.savepoints[-1]
        if known == name:
            transaction.counts = counts.copy()
            transaction.first = transaction.first if counts else ""
            transaction.failed = False
            return
        transaction.savepoints.pop()


def _lost(entry: Mapping[str, Any], transaction: _Transaction, *, code: str) -> Iterator[Incident]:
    if transaction.failed or not transaction.counts:
        return
    what = ", ".join(f"{count} {verb}" for verb, count in transaction.counts.items())
    yield Incident(
        at=at_of(entry),
        service="postgres",
        code=code,
        message=f"{_LOST[code]}, so this was lost: {what}",
        detail=transaction.first,
    )


def _error(entry: Mapping[str, Any]) -> Incident:
    parts = [f"{entry['error_severity']} {entry.get('state_code', '')}".strip()]
    parts = [f"{parts[0]}: {entry.get('message', '')}"]
    parts += [str(entry[key]) for key in ("detail", "hint") if entry.get(key)]
    return Incident(
        at=at_of(entry),
        service="postgres",
        code="postgres-error",
        message="; ".join(parts),
        detail=str(entry.get("statement", "")).strip()[:_DETAIL],
        raises=_raised(str(entry.get("state_code", ""))),
        remedy=_remedy(entry),
    )


def _remedy(entry: Mapping[str, Any]) -> str:
    """How a table that is not there comes to be there; empty for other errors."""
    found = _ABSENT.match(str(entry.get("message", "")))
    if found is None or entry.get("state_code") != _NO_TABLE:
        return ""
    name = found[1] if "." in found[1] else f"public.{found[1]}"
    folder = "fixtures/seeds/postgres"
    return (
        f"if it is to be there before, write its rows into {folder}/{name}.csv, or its CREATE "
        f"TABLE into {folder}/schema.sql"
    )


def _raised(code: str) -> tuple[str, ...]:
    """The exceptions that stand for an SQLSTATE in psycopg2, without those that stand for many."""
    try:
        kind = errors.lookup(code)
    except KeyError:
        return ()
    return tuple(one.__name__ for one in kind.__mro__ if one.__name__ not in _MANY)


def at_of(entry: Mapping[str, Any]) -> float:
    """When an entry was written, in seconds since the epoch; the server writes its log in UTC."""
    text = str(entry["timestamp"]).removesuffix(" UTC")
    return datetime.fromisoformat(f"{text}+00:00").timestamp()
