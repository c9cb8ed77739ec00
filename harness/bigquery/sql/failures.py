"""What DuckDB says when a statement fails, as BigQuery would say it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError

if TYPE_CHECKING:
    import duckdb

_UNKNOWN_COLUMN = re.compile(r'Referenced column "([^"]*)" (?:was )?not found')
_UNKNOWN_TABLE = re.compile(r'Referenced table "([^"]*)" not found')
_UNKNOWN_IN_TABLE = re.compile(
    r'(?:Table|Values list) "[^"]*" does not have a column named "([^"]*)"'
)
_NOT_NULL = re.compile(r'NOT NULL constraint failed: \S+?\."?([^"]+)"?$')
_DIVISION = re.compile(r"Division by zero in expression \((.*?)\)")
_OVERFLOW = re.compile(r"Overflow in \w+ of INT64 \((.*)\)")
_UNGROUPED = re.compile(r'column "([^"]+)" must appear in the GROUP BY clause')
_ZONE = re.compile(r"Unknown TimeZone '([^']*)'")
_OWN = re.compile(r"(bq|stub):(.*)")


def explained(  # noqa: PLR0911
    error: duckdb.Error, *, statement: str = ""
) -> ApiError:
    """BigQuery's error for one of DuckDB.

    Args:
        error: What was raised.
        statement: The client's statement, in which a name's place is looked up.
    """
    text = str(error)
    first = text.split("\n", 1)[0]
    if own := _OWN.search(first):
        kind, message = own.groups()
        return UnsupportedError(message) if kind == "stub" else ApiError("invalidQuery", message)
    if found := _OVERFLOW.search(first):
        return ApiError("invalidQuery", f"int64 overflow: {found[1]}")
    if found := _UNGROUPED.search(first):
        name = found[1]
        return ApiError(
            "invalidQuery",
            f"SELECT list expression references column {name} which is neither grouped nor "
            f"aggregated{place(statement, name)}",
            location="query",
        )
    if found := _ZONE.search(first):
        return ApiError("invalidQuery", f"Invalid time zone: {found[1]}")
    if "volatile function" in first:
        return UnsupportedError("SAFE here")
    for pattern in (_UNKNOWN_COLUMN, _UNKNOWN_TABLE, _UNKNOWN_IN_TABLE):
        if found := pattern.search(first):
            name = found[1]
            return ApiError(
                "invalidQuery",
                f"Unrecognized name: {name}{place(statement, name)}",
                location="query",
            )
    if found := _NOT_NULL.search(first):
        return ApiError("invalidQuery", f"Required field {found[1]} cannot be null")
    if found := _DIVISION.search(first):
        return ApiError("invalidQuery", f"division by zero: {found[1]}")
    return ApiError("invalidQuery", first.partition(": ")[2] or first, location="query")


def place(statement: str, name: str) -> str:
    """Where a name stands in a statement, as `` at [line:column]``, or nothing."""
    found = re.search(rf"\b{re.escape(name)}\b", statement, re.IGNORECASE)
    if not found:
        return ""
    before = statement[: found.start()]
    return f" at [{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}]"
