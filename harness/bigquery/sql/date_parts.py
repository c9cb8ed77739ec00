"""Date parts and the arguments of functions of dates and times. Weeks begin on Sunday."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import DATE, DATETIME, TIME, TIMESTAMP, Kind, Value, coerced, cost
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match

if TYPE_CHECKING:
    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

CLOCK = ("MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR")
CALENDAR = ("WEEK", "MONTH", "QUARTER", "YEAR")
WEEKDAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
_PARTS = {
    "DATE": ("DAY", *CALENDAR),
    "DATETIME": (*CLOCK, "DAY", *CALENDAR),
    "TIMESTAMP": (*CLOCK, "DAY"),
    "TIME": CLOCK,
}
KINDS = {"DATE": DATE, "DATETIME": DATETIME, "TIMESTAMP": TIMESTAMP, "TIME": TIME}


def part_of(node: exp.Expr | None) -> str:
    """A date part by its name: ``DAY``, ``WEEK(MONDAY)``.

    Raises:
        ApiError: There is none, as in ``INTERVAL 2``.
    """
    if node is None:
        raise ApiError("invalidQuery", "Syntax error: Expected a date part after INTERVAL")
    if isinstance(node, exp.Anonymous | exp.WeekStart):
        inner = node.expressions[0] if node.expressions else node.this
        return f"WEEK({inner.name.upper()})"
    return node.name.upper()


def checked(part: str, kind: str, function: str, node: exp.Expr) -> str:
    """The part, where a type has it.

    Raises:
        ApiError: It does not, or there is no such part.
    """
    if part not in _PARTS[kind]:
        known = {*CLOCK, "DAY", *CALENDAR, "ISOWEEK", "ISOYEAR", "DATE"}
        if part in known:
            raise ApiError(
                "invalidQuery", f"{function} does not support the {part} date part{at(node)}"
            )
        raise ApiError("invalidQuery", f"A valid date part name is required{at(node)}")
    return part


def typed(
    self: Expressions, node: exp.Expr, scope: Scope, kinds: tuple[Kind, ...], call: exp.Expr
) -> Value:
    """An argument made the first of some types that it becomes.

    Raises:
        ApiError: It becomes none of them.
    """
    value = self.value(node, scope)
    far = [(cost(value, kind), number) for number, kind in enumerate(kinds)]
    fits = [(one, number) for one, number in far if one is not None]
    if not fits:
        name = call.name.upper()
        if value.kind.name in ("DATE", "DATETIME", "TIMESTAMP") and name.startswith("DATE"):
            # The reference has changed here, and does not tell all that is taken.
            raise UnsupportedError(f"{name} of {value.kind}{at(call)}")
        raise no_match(f"function {name}", [value], at=at(call))
    kind = kinds[min(fits)[1]]
    return Value(coerced(value, kind), kind)


def counted(call: exp.Expr, few: int, many: int) -> list[exp.Expr]:
    """The arguments of a call.

    Raises:
        ApiError: They are too few or too many.
    """
    given = list(call.expressions)
    if not few <= len(given) <= many:
        raise ApiError(
            "invalidQuery",
            f"No matching signature for function {call.name.upper()}: "
            f"number of arguments does not match{at(call)}",
        )
    return given


def first_day(sql: str, part: str) -> str:
    """The first day of a week: DuckDB's weeks begin on Monday."""
    if part == "ISOWEEK":
        return f"date_trunc('week', {sql})"
    day = part[5:-1] if "(" in part else "SUNDAY"
    if day not in WEEKDAYS:
        raise UnsupportedError(f"date part {part}")
    shift = (8 - WEEKDAYS.index(day)) % 7
    return f"(date_trunc('week', {sql} + to_days({shift})) - to_days({shift}))"


def span(count: str, part: str) -> str:
    """DuckDB's interval of a number of parts."""
    if part == "QUARTER":
        return f"to_months(CAST(3 * {count} AS INTEGER))"
    if part in ("MONTH", "YEAR", "WEEK", "DAY"):
        return f"to_{part.lower()}s(CAST({count} AS INTEGER))"
    return f"to_{part.lower()}s({count})"


def interval_count(self: Expressions, interval: exp.Expr, scope: Scope, call: exp.Expr) -> str:
    """The number in an INTERVAL.

    Raises:
        ApiError: It is no INT64.
    """
    node = interval.this
    if isinstance(node, exp.Literal) and node.is_string and re.fullmatch(r"[+-]?\d+", node.name):
        node = exp.Literal.number(node.name) if node.name.isdigit() else node
        if node.is_string:
            return f"CAST('{node.name}' AS BIGINT)"
    count = self.value(node, scope)
    if count.kind.name not in ("INT64", "NULL"):
        raise ApiError("invalidQuery", f"Interval value must be coercible to INT64 type{at(call)}")
    return f"CAST({count.sql} AS BIGINT)"
