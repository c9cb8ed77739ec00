"""A moment as people write it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""Archives and certificates know no time before."""
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_FORM = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s*(Z|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)


def moment(given: object) -> datetime:
    """A moment in UTC.

    Args:
        given: Text such as ``2021-02-01T05:00Z``, ``2021-02-01 07:00+02:00`` or ``2021-02-01``, or
            a date or datetime. Without a zone it is in UTC, which is Mage's.

    Raises:
        ValueError: It is no moment, or none between 1980 and 2100.
    """
    if isinstance(given, str):
        text = given.strip().upper()
        if not _FORM.fullmatch(text):
            raise ValueError(f"{given!r} is no moment: write it as 2021-02-01T05:00Z")
        given = datetime.fromisoformat(text)
    elif isinstance(given, date) and not isinstance(given, datetime):
        given = datetime.combine(given, time())
    if not isinstance(given, datetime):
        raise ValueError(f"{given!r} is no moment: write it as 2021-02-01T05:00Z")  # noqa: TRY004 - one error for all that is none
    found = given.replace(tzinfo=UTC) if given.tzinfo is None else given
    # Compared before it is moved to UTC: there, that of year 1 or 9999 may be no datetime.
    if not EARLIEST <= found < LATEST:
        raise ValueError(f"{found.isoformat()} is out of range: 1980 to 2099")
    return found.astimezone(UTC)


def written(at: datetime) -> str:
    """A moment as it is shown: ``2021-02-01T05:00:00Z``."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
