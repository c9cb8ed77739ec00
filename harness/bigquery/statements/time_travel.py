"""FOR SYSTEM_TIME AS OF and decorators: rows of another time.

Source: "Access historical data" of the reference. The stub keeps no older rows: it answers for any
time since the last change of a table, where the rows are those of now, and refuses the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.entries import now_ms
from harness.bigquery.errors import ApiError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.entries import Table
    from harness.bigquery.statements.statement import Session

_DAYS_MS = 7 * 86_400_000


def check_time(session: Session, table: Table, as_of: str) -> None:
    """Refuse a time whose rows are not those of now.

    Args:
        session: The statement.
        table: The table.
        as_of: SQL of the time.

    Raises:
        ApiError: It is in the future, before the table was, or before its last change.
    """
    with session.cursor() as cursor:
        row = cursor.execute(f"SELECT epoch_us({as_of})").fetchone()
    if row is None or row[0] is None:
        raise ApiError("invalidQuery", "FOR SYSTEM_TIME AS OF expression cannot be NULL")
    # DuckDB's own milliseconds are rounded: the moment would lie before this clock's.
    moment = row[0] // 1000
    now = now_ms()
    named = f"Invalid time travel timestamp {moment} for table {table.ref}@{moment}."
    if moment > now:
        raise ApiError("invalidQuery", f"{named} Cannot read into the future")
    if table.view is not None:
        raise UnsupportedError(f"FOR SYSTEM_TIME AS OF of the view {table.ref}")
    earliest = max(table.created, now - _DAYS_MS)
    if moment < earliest:
        raise ApiError("invalidQuery", f"{named} Cannot read before {earliest}")
    if moment < table.modified:
        raise UnsupportedError(
            f"FOR SYSTEM_TIME AS OF a time ({moment}) before the last change of {table.ref} "
            f"({table.modified}): older rows are not kept"
        )


def check_decorator(parts: Sequence[str]) -> None:
    """Refuse the decorators of legacy SQL in a name of FROM.

    Raises:
        ApiError: There is one.
    """
    for sign, what in (("$", "Partition"), ("@", "Snapshot")):
        if sign in parts[-1]:
            raise ApiError(
                "invalidQuery",
                f"{what} decorators are not supported in GoogleSQL: {'.'.join(parts)}",
                location="query",
            )
