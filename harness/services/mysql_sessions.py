"""Sessions of MySQL by its logs, and what went wrong in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.services.mysql_statements import effect, split
from harness.services.protocol import Incident

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.services.mysql_statements import Effect

UNCOMMITTED = "mysql-uncommitted"
ROLLED_BACK = "mysql-rolled-back"
_LOST = {
    UNCOMMITTED: "a session that wrote ended without a commit",
    ROLLED_BACK: "a session rolled back what it wrote (some libraries do so for a connection that "
    "is closed without commit())",
}
_ENDED = ("Quit", "Reset connection", "Change user")
_SAID = ("Query", "Execute")
DETAIL = 2_000


@dataclass(frozen=True)
class Entry:
    """One line of the general log.

    Attributes:
        at: Seconds since the epoch, by the server's time.
        session: The connection's number.
        command: ``Connect``, ``Query``, ``Execute``, ``Quit`` and others.
        statement: What was said, or its beginning.
        failed: Whether it was refused.
    """

    at: float
    session: int
    command: str
    statement: str
    failed: bool = False


@dataclass
class _Session:
    by_hand: bool = False
    within: bool = False
    failed: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    first: str = ""
    last: float = 0.0
    savepoints: list[tuple[str, Counter[str]]] = field(default_factory=list)
    temporary: set[str] = field(default_factory=set)

    def settle(self, *, within: bool = False) -> None:
        """End the transaction."""
        self.within, self.failed, self.first = within, False, ""
        self.counts.clear()
        self.savepoints.clear()


def lost(entries: Iterable[Entry], *, alive: Iterable[int]) -> tuple[list[Incident], bool]:
    """What sessions wrote and did not commit.

    Args:
        entries: The log, in order.
        alive: The sessions that are still connected.

    Returns:
        What was lost, and whether a session that is connected holds writes that are not committed.
    """
    sessions: dict[int, _Session] = {}
    found: list[Incident] = []
    for entry in entries:
        found += _follow(sessions, entry)
    there = set(alive)
    for number in [one for one in sessions if one not in there]:
        # Its program was killed: the server writes no line of that.
        session = sessions.pop(number)
        found += _told(session, session.last, code=UNCOMMITTED)
    return found, any(one.counts for one in sessions.values())


def _follow(sessions: dict[int, _Session], entry: Entry) -> Iterator[Incident]:
    if entry.command in _ENDED:
        ended = sessions.pop(entry.session, None)
        if ended is not None:
            yield from _told(ended, entry.at, code=UNCOMMITTED)
        return
    if entry.command not in _SAID:
        return
    session = sessions.setdefault(entry.session, _Session())
    session.last = entry.at
    if entry.failed:
        session.failed = True
        return
    for statement in split(entry.statement):
        what = effect(statement)
        if what is not None:
            if what.kind == "rollback":
                yield from _told(session, entry.at, code=ROLLED_BACK)
            _apply(session, what, statement)


def _apply(session: _Session, what: Effect, statement: str) -> None:
    if what.kind in {"commit", "rollback", "at once", "begin"}:
        session.settle(within=what.kind == "begin")
        if what.name == "itself":
            session.by_hand = False
    elif what.kind == "by hand":
        session.by_hand = True
    elif what.kind == "temporary":
        session.temporary.add(what.name)
    elif not (session.by_hand or session.within):
        # Outside of a transaction each statement commits by itself.
        return
    elif what.kind == "savepoint":
        session.savepoints.append((what.name, session.counts.copy()))
    elif what.kind == "rollback to":
        _back(session, what.name)
    elif what.name not in session.temporary:
        session.first = session.first or statement.strip()[:DETAIL]
        session.counts[what.verb] += 1


def _back(session: _Session, name: str) -> None:
    while session.savepoints:
        known, counts = session.savepoints[-1]
        if known == name:
            session.counts = counts.copy()
            session.first = session.first if counts else ""
            session.failed = False
            return
        session.savepoints.pop()


def _told(session: _Session, at: float, *, code: str) -> Iterator[Incident]:
    # Of a session that was refused something, that is told.
    if session.failed or not session.counts:
        return
    what = ", ".join(f"{count} {verb}" for verb, count in session.counts.items())
    yield Incident(
        at=at,
        service="mysql",
        code=code,
        message=f"{_LOST[code]}, so this was lost: {what}",
        detail=session.first,
    )
