"""What DuckDB says when a statement fails, as BigQuery would say it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.depth import too_complex

if TYPE_CHECKING:
    import duckdb

_UNKNOWN_NAME = re.compile(
    r'Referenced column "([^"]*)" (?:was )?not found|Referenced table "([^"]*)" not found|'
    r'(?:Table|Values list) "[^"]*" does not have a column named "([^"]*)"'
)
_UNGROUPED = re.compile(r'column "([^"]+)" must appear in the GROUP BY clause')
_OWN = re.compile(r"(bq|stub):(.*)")
# An error that is raised by casting its text, as error() is volatile to DuckDB.
_CAST = re.compile(r"' to \w+$")
# What DuckDB raises where one of its own assertions does not hold.
_INSIDE = ("FatalException", "InternalException")
_NOT_INT64 = (
    r"(?:with value (\S+) can't be cast because .* type INT64|decimal value (\S+) to type INT64)"
)
# What DuckDB says, and the words of the real service; {0} is the first group that was found.
_WORDS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Overflow in \w+ of INT64 \((.*)\)", "int64 overflow: {0}"),
        (r"Overflow in negation", "int64 overflow: -(-9223372036854775808)"),
        (r"Overflow on abs\((.*)\)", "int64 overflow: {0}"),
        (r"Could not convert string '([^']*)' to INT64", "Bad int64 value: {0}"),
        (_NOT_INT64, "int64 overflow: {0}"),
        (r"Overflow in \w+ of (?:INT128|DECIMAL\(\d+\))|Overflow in HUGEINT", "numeric overflow"),
        (
            r"Could not (?:convert string|cast value) \"?([^ \"]+)\"? to DECIMAL",
            "Invalid NUMERIC value: {0}",
        ),
        (r"Unknown TimeZone '([^']*)'", "Invalid time zone: {0}"),
        (r'NOT NULL constraint failed: \S+?\."?([^"]+)"?$', "Required field {0} cannot be null"),
        (r"Division by zero in expression \((.*?)\)", "division by zero: {0}"),
    )
)


def explained(error: duckdb.Error, *, statement: str = "") -> ApiError:  # noqa: PLR0911
    """BigQuery's error for one of DuckDB.

    Args:
        error: What was raised.
        statement: The client's statement, in which a name's place is looked up.
    """
    text = str(error)
    first = text.split("\n", 1)[0]
    if statement and type(error).__name__ in _INSIDE:
        return UnsupportedError(f"this statement, at which DuckDB fails inside ({first})")
    if own := _OWN.search(first):
        kind, message = own[1], _CAST.sub("", own[2])
        return UnsupportedError(message) if kind == "stub" else ApiError("invalidQuery", message)
    if "expression depth limit" in first:
        return too_complex()
    if found := _UNGROUPED.search(first):
        name = found[1]
        return ApiError(
            "invalidQuery",
            f"SELECT list expression references column {name} which is neither grouped nor "
            f"aggregated{place(statement, name)}",
            location="query",
        )
    if "window expressions cannot be volatile" in first:
        return UnsupportedError("random values in OVER")
    if "volatile function" in first:
        return UnsupportedError("SAFE here")
    if found := _UNKNOWN_NAME.search(first):
        name = next(one for one in found.groups() if one is not None)
        return ApiError(
            "invalidQuery", f"Unrecognized name: {name}{place(statement, name)}", location="query"
        )
    for pattern, words in _WORDS:
        if found := pattern.search(first):
            told = next((one for one in found.groups() if one is not None), "")
            return ApiError("invalidQuery", words.format(told))
    return ApiError("invalidQuery", first.partition(": ")[2] or first, location="query")


def place(statement: str, name: str) -> str:
    """Where a name stands in a statement, as `` at [line:column]``, or nothing."""
    found = re.search(rf"\b{re.escape(name)}\b", statement, re.IGNORECASE)
    if not found:
        return ""
    before = statement[: found.start()]
    return f" at [{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}]"
