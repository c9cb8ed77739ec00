"""The time in DuckDB's SQL: by the stub's clock, also in defaults that were written before."""

from __future__ import annotations

NOW = "clock_now()"
"""The moment of the statement."""
# A variable belongs to a cursor, and a cursor to one operation. A macro is bound anew in each
# statement, in a column's default too.
CLOCK_MACROS = (
    "CREATE MACRO clock_now() AS now() + to_seconds(coalesce(getvariable('clock_offset'), 0))",
)


def told(offset: int) -> str:
    """The statement that tells a cursor how many seconds to add to the real time."""
    return f"SET VARIABLE clock_offset = {int(offset)}"
