"""MySQL's own account of what pipelines asked: its general log, and the statements that failed."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.services.mysql_server import ADMIN
from harness.services.mysql_sessions import DETAIL, Entry, lost
from harness.services.mysql_settings import HISTORY
from harness.services.protocol import Incident

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pymysql.cursors import Cursor

_SCHEMA = "performance_schema"
_STATEMENTS = "events_statements_history_long"
_LOG = """
    SELECT UNIX_TIMESTAMP(event_time), thread_id, command_type, LEFT(argument, %s)
      FROM mysql.general_log WHERE user_host NOT LIKE %s
"""
# What fails within a procedure may be handled there; where it is not, the call fails too.
_FAILED = f"""
    SELECT TIMER_START, COALESCE(SQL_TEXT, ''), MYSQL_ERRNO, RETURNED_SQLSTATE, MESSAGE_TEXT
      FROM {_SCHEMA}.{_STATEMENTS} WHERE ERRORS > 0 AND NESTING_EVENT_LEVEL = 0
     ORDER BY TIMER_START
"""  # noqa: S608
_CHANGED = f"""
    SELECT SQL_TEXT FROM {_SCHEMA}.{_STATEMENTS}
     WHERE ERRORS = 0 AND WARNINGS > 0 AND ROWS_AFFECTED > 0 AND TIMER_START >= %s
       AND EVENT_NAME IN ('statement/sql/insert', 'statement/sql/insert_select',
                          'statement/sql/replace', 'statement/sql/replace_select',
                          'statement/sql/update', 'statement/sql/load')
       AND NOT (COALESCE(MESSAGE_TEXT, '') REGEXP 'Duplicates: ([0-9]+)  Warnings: \\\\1$')
     ORDER BY TIMER_START
"""  # noqa: S608
_TOTAL = f"""
    SELECT SUM(SUM_ERRORS), (SELECT COUNT(*) FROM {_SCHEMA}.{_STATEMENTS} WHERE ERRORS > 0),
           (SELECT COUNT(*) FROM {_SCHEMA}.{_STATEMENTS})
      FROM {_SCHEMA}.events_statements_summary_global_by_event_name
"""  # noqa: S608
_CLOCK = f"SELECT TIMER_START FROM {_SCHEMA}.{_STATEMENTS} WHERE SQL_TEXT LIKE %s"  # noqa: S608
_WATCHED = (
    f"UPDATE {_SCHEMA}.threads SET INSTRUMENTED = %s, HISTORY = %s "  # noqa: S608
    "WHERE PROCESSLIST_ID = CONNECTION_ID()"
)
_ALIVE = "SELECT ID FROM information_schema.PROCESSLIST"
_PICO = 1e12
_SHOWN = 900
"""Characters of a statement that both accounts have."""
_NEAR = 0.5
# Whether a table or a database is there is asked so: SQLAlchemy's dialect does.
_QUESTION = re.compile(r"\s*(?:DESC|DESCRIBE|SHOW|EXPLAIN)\b", re.IGNORECASE)
_NOT_THERE = {1146, 1049, 1051}
_OF_ONE_MATTER = {"IntegrityError", "DataError", "NotSupportedError"}


@dataclass(frozen=True)
class Account:
    """What went wrong.

    Attributes:
        incidents: What was refused or lost, in order of time.
        undecided: Whether a connected session holds writes that are not committed.
    """

    incidents: Sequence[Incident]
    undecided: bool


def account(cursor: Cursor) -> Account:
    """What pipelines' sessions did wrong since the last reset, by the server's time.

    Args:
        cursor: One of the harness's own.
    """
    cursor.execute(_LOG, (DETAIL, f"%[{ADMIN}]%"))
    entries = [Entry(float(at), number, *said) for at, number, *said in cursor.fetchall()]
    cursor.execute(_FAILED)
    failed = cursor.fetchall()
    # Before the clock is asked, whose statement takes the place of another.
    errors = _forgotten(cursor, entries)
    if failed:
        zero = _zero(cursor)
        places = _places(entries)
        for began, text, code, state, message in failed:
            at = began / _PICO + zero
            _mark(entries, places.get(_head(text), ()), at)
            if not (code in _NOT_THERE and _QUESTION.match(text)):
                errors.append(_error(at, text, code=code, state=state, message=message))
    cursor.execute(_ALIVE)
    gone, undecided = lost(entries, alive=[number for (number,) in cursor.fetchall()])
    found = sorted([*errors, *gone], key=lambda one: one.at)
    return Account(found, undecided)


def changed(cursor: Cursor, *, since: float) -> list[str]:
    """The statements that wrote other values than they were given: cut, rounded or replaced.

    Args:
        cursor: One of the harness's own.
        since: Seconds since the epoch, by the server's time.
    """
    cursor.execute(_CHANGED, (max(0, int((since - _zero(cursor)) * _PICO)),))
    return [" ".join(text.split()) for (text,) in cursor.fetchall()]


def forget(cursor: Cursor) -> None:
    """Empty both accounts."""
    for table in (
        "mysql.general_log",
        f"{_SCHEMA}.{_STATEMENTS}",
        f"{_SCHEMA}.events_statements_summary_global_by_event_name",
    ):
        cursor.execute(f"TRUNCATE TABLE {table}")


def _zero(cursor: Cursor) -> float:
    """When the timer of statements was 0, in seconds since the epoch."""
    mark = f"mark {secrets.token_hex(8)}"
    cursor.execute(_WATCHED, ("YES", "YES"))
    try:
        cursor.execute("SELECT UNIX_TIMESTAMP(SYSDATE(6)), %s", (mark,))
        ((now, _),) = cursor.fetchall()
    finally:
        cursor.execute(_WATCHED, ("NO", "NO"))
    cursor.execute(_CLOCK, (f"%{mark}%",))
    ((timer,),) = cursor.fetchall()
    zero: float = float(now) - timer / _PICO
    return zero


def _places(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """For the beginning of each statement, the entries that have it."""
    found: dict[str, list[int]] = {}
    for number, one in enumerate(entries):
        found.setdefault(_head(one.statement), []).append(number)
    return found


def _head(statement: str) -> str:
    return statement[:_SHOWN].strip()


def _mark(entries: list[Entry], places: Iterable[int], at: float) -> None:
    """Find the entry of a statement that failed, among those that say the same."""
    near = {abs(entries[one].at - at): one for one in places if not entries[one].failed}
    if near and min(near) < _NEAR:
        best = near[min(near)]
        entries[best] = replace(entries[best], failed=True)


def _error(at: float, text: str, *, code: int, state: str, message: str) -> Incident:
    from pymysql.err import error_map  # noqa: PLC0415 - an extra

    kind = error_map.get(code)
    raised = kind.__name__ if kind is not None else ""
    return Incident(
        at=at,
        service="mysql",
        code="mysql-error",
        message=f"ERROR {code} ({state}): {message}",
        detail=text.strip()[:DETAIL],
        raises=(raised,) if raised in _OF_ONE_MATTER else (),
    )


def _forgotten(cursor: Cursor, entries: Sequence[Entry]) -> list[Incident]:
    """Failures of which nothing but their number is known, after very many statements."""
    cursor.execute(_TOTAL)
    row = cursor.fetchone() or (0, 0, 0)
    total, kept, statements = (int(one or 0) for one in row)
    if total <= kept or statements < HISTORY or not entries:
        return []
    return [
        Incident(
            at=entries[-1].at,
            service="mysql",
            code="mysql-error",
            message=f"{total - kept} further statements were refused; of so many in one run, the "
            f"server keeps the last {HISTORY} only",
        )
    ]
