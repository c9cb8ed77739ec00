"""Functions of dates and times whose arguments are parts, formats or time zones.

Source: "Date functions", "Datetime functions", "Time functions" and "Timestamp functions" of the
reference. Civil times are read in UTC where no time zone is named; weeks begin on Sunday.
"""

# ruff: noqa: E501
# A signature and its template stand on one line.
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import (
    DATE,
    DATETIME,
    INT64,
    STRING,
    TIME,
    TIMESTAMP,
    Kind,
    Value,
    array_of,
    coerced,
    cost,
)
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_CLOCK = ("MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR")
_CALENDAR = ("WEEK", "MONTH", "QUARTER", "YEAR")
_DAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY")
_PARTS = {
    "DATE": ("DAY", *_CALENDAR),
    "DATETIME": (*_CLOCK, "DAY", *_CALENDAR),
    "TIMESTAMP": (*_CLOCK, "DAY"),
    "TIME": _CLOCK,
}
_KINDS = {"DATE": DATE, "DATETIME": DATETIME, "TIMESTAMP": TIMESTAMP, "TIME": TIME}
_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d{2}))?")
# DuckDB's date_part counts the seconds into these, and numbers a week as ISO does.
_EXTRACTED = {
    "DAYOFWEEK": "(dayofweek({x}) + 1)",
    "WEEK": "CAST(strftime({x}, '%U') AS BIGINT)",
    "WEEK(SUNDAY)": "CAST(strftime({x}, '%U') AS BIGINT)",
    "WEEK(MONDAY)": "CAST(strftime({x}, '%W') AS BIGINT)",
    "ISOWEEK": "weekofyear({x})",
    "ISOYEAR": "isoyear({x})",
    "DAYOFYEAR": "dayofyear({x})",
    "QUARTER": "quarter({x})",
    "YEAR": "year({x})",
    "MONTH": "month({x})",
    "DAY": "day({x})",
}
_EXTRACTED_CLOCK = {
    "HOUR": "hour({x})",
    "MINUTE": "minute({x})",
    "SECOND": "second({x})",
    "MILLISECOND": "(millisecond({x}) % 1000)",
    "MICROSECOND": "(microsecond({x}) % 1000000)",
}


def part_of(node: exp.Expr) -> str:
    """A date part by its name: ``DAY``, ``WEEK(MONDAY)``."""
    if isinstance(node, exp.Anonymous | exp.WeekStart):
        inner = node.expressions[0] if node.expressions else node.this
        return f"WEEK({inner.name.upper()})"
    return node.name.upper()


def civil(sql: str, zone: exp.Expr | None, self: Expressions, scope: Scope) -> str:
    """The civil time of an instant."""
    if zone is None:
        return f"CAST({sql} AS TIMESTAMP)"
    if shift := _shift(zone):
        return f"(CAST({sql} AS TIMESTAMP) + {shift})"
    return f"timezone({_zone(self, zone, scope)}, {sql})"


def instant(sql: str, zone: exp.Expr | None, self: Expressions, scope: Scope) -> str:
    """The instant of a civil time."""
    if zone is None:
        return f"CAST(CAST({sql} AS TIMESTAMP) AS TIMESTAMPTZ)"
    if shift := _shift(zone):
        return f"CAST(CAST({sql} AS TIMESTAMP) - {shift} AS TIMESTAMPTZ)"
    return f"timezone({_zone(self, zone, scope)}, CAST({sql} AS TIMESTAMP))"


def _shift(zone: exp.Expr) -> str:
    found = _OFFSET.fullmatch(zone.name) if isinstance(zone, exp.Literal) else None
    if not found:
        return ""
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return f"to_minutes({found[1]}{minutes})"


def _zone(self: Expressions, node: exp.Expr, scope: Scope) -> str:
    value = self.value(node, scope)
    if value.kind.name not in ("STRING", "NULL"):
        raise UnsupportedError(f"a time zone of type {value.kind}{at(node)}")
    return value.sql


def _checked(part: str, kind: str, function: str, node: exp.Expr) -> str:
    if part not in _PARTS[kind]:
        known = {*_CLOCK, "DAY", *_CALENDAR, "ISOWEEK", "ISOYEAR", "DATE"}
        if part in known:
            raise ApiError(
                "invalidQuery", f"{function} does not support the {part} date part{at(node)}"
            )
        raise ApiError("invalidQuery", f"A valid date part name is required{at(node)}")
    return part


def _typed(
    self: Expressions, node: exp.Expr, scope: Scope, kinds: tuple[Kind, ...], call: exp.Expr
) -> Value:
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


def _count(call: exp.Expr, few: int, many: int) -> list[exp.Expr]:
    given = list(call.expressions)
    if not few <= len(given) <= many:
        raise ApiError(
            "invalidQuery",
            f"No matching signature for function {call.name.upper()}: "
            f"number of arguments does not match{at(call)}",
        )
    return given


def _first_day(sql: str, part: str) -> str:
    """The first day of a week: DuckDB's weeks begin on Monday."""
    if part == "ISOWEEK":
        return f"date_trunc('week', {sql})"
    day = part[5:-1] if "(" in part else "SUNDAY"
    if day not in _DAYS:
        raise UnsupportedError(f"date part {part}")
    shift = (8 - _DAYS.index(day)) % 7
    return f"(date_trunc('week', {sql} + to_days({shift})) - to_days({shift}))"


def _truncate(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    value_node, part_node, *rest = _count(call, 2, 3)
    name = call.name.upper()
    kinds: tuple[Kind, ...] = (TIME,) if name == "TIME_TRUNC" else (DATE, DATETIME, TIMESTAMP)
    if name != "DATE_TRUNC":
        kinds = tuple(sorted(kinds, key=lambda one: one.name != name.removesuffix("_TRUNC")))
    value, part = _typed(self, value_node, scope, kinds, call), part_of(part_node)
    week = part.startswith(("WEEK", "ISOWEEK"))
    if not week and part != "ISOYEAR":
        limits = "DATETIME" if value.kind == TIMESTAMP else value.kind.name
        _checked(part, limits, name, part_node)
    zone = rest[0] if rest else None
    if value.kind == TIME:
        return Value(f"CAST(date_trunc('{part}', DATE '1970-01-01' + {value.sql}) AS TIME)", TIME)
    inner = civil(value.sql, zone, self, scope) if value.kind == TIMESTAMP else value.sql
    inner = f"CAST({inner} AS TIMESTAMP)"
    if part == "ISOYEAR":
        year = f"make_date(isoyear({inner}), 1, 4)"
        sql = f"date_trunc('week', {year})"
    else:
        sql = _first_day(inner, part) if week else f"date_trunc('{part.lower()}', {inner})"
    if value.kind == TIMESTAMP:
        return Value(instant(sql, zone, self, scope), TIMESTAMP)
    return Value(f"CAST({sql} AS {value.kind.duckdb})", value.kind)


def _difference(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    end_node, start_node, part_node = _count(call, 3, 3)
    name = call.name.upper()
    kind = _KINDS[name.removesuffix("_DIFF")]
    end, start = (_typed(self, one, scope, (kind,), call) for one in (end_node, start_node))
    part = part_of(part_node)
    if kind.name in ("DATE", "DATETIME") and part.startswith(("WEEK", "ISOWEEK")):
        a, b = _first_day(start.sql, part), _first_day(end.sql, part)
        return Value(f"(datediff('day', {a}, {b}) // 7)", INT64)
    if part == "ISOYEAR" and kind.name in ("DATE", "DATETIME"):
        return Value(f"(isoyear({end.sql}) - isoyear({start.sql}))", INT64)
    _checked(part, kind.name, name, part_node)
    # TIMESTAMP_DIFF counts whole units, the others the boundaries between.
    function = "datesub" if kind == TIMESTAMP else "datediff"
    if kind == TIMESTAMP and part == "DAY":
        return Value(f"(datesub('hour', {start.sql}, {end.sql}) // 24)", INT64)
    return Value(f"{function}('{part.lower()}', {start.sql}, {end.sql})", INT64)


def _sum(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    value_node, interval = _count(call, 2, 2)
    name = call.name.upper()
    kind = _KINDS[name.rpartition("_")[0]]
    value = _typed(self, value_node, scope, (kind,), call)
    sign = "+" if name.endswith("_ADD") else "-"
    if not isinstance(interval, exp.Interval) and kind == DATE:
        count = self.value(interval, scope)
        if count.kind == INT64:
            return Value(f"({value.sql} {sign} CAST({count.sql} AS INTEGER))", DATE)
    if not isinstance(interval, exp.Interval) or not isinstance(interval.args.get("unit"), exp.Var):
        raise UnsupportedError(f"{name} with another INTERVAL than one part{at(call)}")
    part = _checked(part_of(interval.args["unit"]), kind.name, name, call)
    count_sql = _interval_count(self, interval, scope, call)
    moved = f"({value.sql} {sign} {_span(count_sql, part)})"
    return Value(f"CAST({moved} AS {kind.duckdb})", kind)


def _span(count: str, part: str) -> str:
    if part == "QUARTER":
        return f"to_months(CAST(3 * {count} AS INTEGER))"
    if part in ("MONTH", "YEAR", "WEEK", "DAY"):
        return f"to_{part.lower()}s(CAST({count} AS INTEGER))"
    return f"to_{part.lower()}s({count})"


def _interval_count(self: Expressions, interval: exp.Expr, scope: Scope, call: exp.Expr) -> str:
    node = interval.this
    if isinstance(node, exp.Literal) and node.is_string and re.fullmatch(r"[+-]?\d+", node.name):
        node = exp.Literal.number(node.name) if node.name.isdigit() else node
        if node.is_string:
            return f"CAST('{node.name}' AS BIGINT)"
    count = self.value(node, scope)
    if count.kind.name not in ("INT64", "NULL"):
        raise ApiError("invalidQuery", f"Interval value must be coercible to INT64 type{at(call)}")
    return f"CAST({count.sql} AS BIGINT)"


def _extract(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    part, inner, zone = part_of(node.this), node.expression, None
    if isinstance(inner, exp.AtTimeZone):
        inner, zone = inner.this, inner.args["zone"]
    value = self.value(inner, scope)
    if value.kind.name not in _KINDS and value.kind.name != "NULL":
        raise ApiError(
            "invalidQuery",
            f"No matching signature for function EXTRACT for argument types: DATE_TIME_PART FROM "
            f"{value.kind}{at(node)}",
        )
    if zone is not None and value.kind != TIMESTAMP:
        raise ApiError(
            "invalidQuery", f"EXTRACT from {value.kind} does not support AT TIME ZONE{at(node)}"
        )
    if value.kind == TIME:
        allowed = _EXTRACTED_CLOCK
        sql = f"(DATE '1970-01-01' + {value.sql})"
    else:
        sql = f"CAST({value.sql} AS TIMESTAMP)"
        if value.kind == TIMESTAMP:
            sql = civil(value.sql, zone, self, scope)
        if value.kind != DATE and part in ("DATE", "DATETIME", "TIME"):
            kind = _KINDS[part]
            return Value(f"CAST({sql} AS {kind.duckdb})", kind)
        allowed = _EXTRACTED if value.kind == DATE else {**_EXTRACTED, **_EXTRACTED_CLOCK}
    if part not in allowed:
        if part.startswith("WEEK("):
            raise UnsupportedError(f"EXTRACT({part} FROM ...){at(node)}")
        raise ApiError(
            "invalidQuery",
            f"EXTRACT from {value.kind} does not support the {part} date part{at(node)}",
        )
    return Value(f"CAST({allowed[part].format(x=sql)} AS BIGINT)", INT64)


def _last_day(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    value_node, *rest = _count(call, 1, 2)
    value = _typed(self, value_node, scope, (DATE, DATETIME), call)
    part = part_of(rest[0]) if rest else "MONTH"
    if part.startswith(("WEEK", "ISOWEEK")):
        first = _first_day(f"CAST({value.sql} AS TIMESTAMP)", part)
        return Value(f"CAST({first} + to_days(6) AS DATE)", DATE)
    if part not in ("MONTH", "QUARTER", "YEAR"):
        raise UnsupportedError(f"LAST_DAY with {part}{at(call)}")
    first = f"date_trunc('{part.lower()}', {value.sql})"
    return Value(f"CAST({first} + {_span('1', part)} - to_days(1) AS DATE)", DATE)


def _now(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    name = (
        call.name.upper()
        if isinstance(call, exp.Anonymous)
        else type(call).__name__.replace("Current", "CURRENT_").upper()
    )
    zone = (call.expressions or [call.this])[0] if isinstance(call, exp.Func) else None
    if isinstance(call, exp.Anonymous):
        zone = call.expressions[0] if call.expressions else None
    kind = _KINDS[name.removeprefix("CURRENT_")]
    if kind == TIMESTAMP:
        return Value("now()", TIMESTAMP)
    zone = zone if isinstance(zone, exp.Expr) else None
    return Value(f"CAST({civil('now()', zone, self, scope)} AS {kind.duckdb})", kind)


def _make(  # noqa: C901, PLR0911
    self: Expressions, call: exp.Expr, scope: Scope
) -> Value:
    """DATE(...), DATETIME(...), TIME(...), TIMESTAMP(...)."""
    kind = _KINDS[call.name.upper()]
    given = _count(call, 1, 6)
    values = [self.value(one, scope) for one in given]
    names = tuple(one.kind.name for one in values)
    first, zone = values[0], (given[1] if len(given) > 1 else None)
    civil_made = {"DATE": 3, "TIME": 3, "DATETIME": 6}.get(kind.name)
    if len(given) == civil_made and set(names) <= {"INT64", "NULL"}:
        numbers = ", ".join(one.sql for one in values)
        return Value(f"bq_make_{kind.name.lower()}({numbers})", kind)
    if kind == TIMESTAMP and len(given) <= 2:  # noqa: PLR2004
        if names[0] == "STRING":
            sql = f"bq_to_timestamp({first.sql})"
            if zone is not None:
                sql = instant(f"bq_to_datetime({first.sql})", zone, self, scope)
            return Value(sql, kind)
        if names[0] in ("DATE", "DATETIME"):
            return Value(instant(first.sql, zone, self, scope), kind)
        if names == ("TIMESTAMP",):
            return first
    if kind == DATETIME and names == ("DATE", "TIME"):
        return Value(f"({first.sql} + {values[1].sql})", kind)
    if names[0] == "TIMESTAMP" and len(given) <= 2:  # noqa: PLR2004
        return Value(f"CAST({civil(first.sql, zone, self, scope)} AS {kind.duckdb})", kind)
    if len(given) == 1:
        if names[0] == "STRING" and kind != TIME:
            return Value(f"bq_to_{kind.name.lower()}({first.sql})", kind)
        if names[0] in ("DATETIME", "NULL") or (names[0] == "DATE" and kind != TIME):
            return Value(f"CAST({first.sql} AS {kind.duckdb})", kind)
    raise no_match(f"function {kind}", values, at=at(call))


def _dates(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """GENERATE_DATE_ARRAY and GENERATE_TIMESTAMP_ARRAY."""
    start_node, end_node, *rest = _count(call, 2, 3)
    kind = DATE if call.name.upper() == "GENERATE_DATE_ARRAY" else TIMESTAMP
    start, end = (_typed(self, one, scope, (kind,), call) for one in (start_node, end_node))
    step = "to_days(1)"
    if rest:
        if not isinstance(rest[0], exp.Interval):
            raise no_match(f"function {call.name.upper()}", [start, end], at=at(call))
        part = _checked(part_of(rest[0].args["unit"]), kind.name, call.name.upper(), call)
        step = _span(_interval_count(self, rest[0], scope, call), part)
    series = f"generate_series({start.sql}, {end.sql}, {step})"
    return Value(f"CAST({series} AS {kind.duckdb}[])", array_of(kind))


def _string(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """STRING(timestamp[, zone]), and of a JSON."""
    value_node, *rest = _count(call, 1, 2)
    value = self.value(value_node, scope)
    if value.kind.name == "JSON" and not rest:
        return Value(f"bq_json_string({value.sql})", STRING)
    if rest:
        raise UnsupportedError(f"STRING with a time zone{at(call)}")
    if value.kind.name not in ("DATE", "DATETIME", "TIMESTAMP", "TIME"):
        raise no_match("function STRING", [value], at=at(call))
    return Value(f"bq_to_string({value.sql})", STRING)


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    **{f"{one}_TRUNC": _truncate for one in _KINDS},
    **{f"{one}_DIFF": _difference for one in _KINDS},
    **{f"{one}_ADD": _sum for one in _KINDS},
    **{f"{one}_SUB": _sum for one in _KINDS},
    **dict.fromkeys(_KINDS, _make),
    **{f"CURRENT_{one}": _now for one in _KINDS},
    "LAST_DAY": _last_day,
    "GENERATE_DATE_ARRAY": _dates,
    "GENERATE_TIMESTAMP_ARRAY": _dates,
    "STRING": _string,
}
ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Extract: _extract,
    exp.CurrentDate: _now,
    exp.CurrentDatetime: _now,
    exp.CurrentTime: _now,
    exp.CurrentTimestamp: _now,
}
EPOCHS = """
UNIX_SECONDS(TIMESTAMP) INT64: CAST(floor(epoch_us({0}) / 1000000) AS BIGINT)
UNIX_MILLIS(TIMESTAMP) INT64: CAST(floor(epoch_us({0}) / 1000) AS BIGINT)
UNIX_MICROS(TIMESTAMP) INT64: epoch_us({0})
UNIX_DATE(DATE) INT64: CAST({0} - DATE '1970-01-01' AS BIGINT)
DATE_FROM_UNIX_DATE(INT64) DATE: (DATE '1970-01-01' + CAST({0} AS INTEGER))
TIMESTAMP_SECONDS(INT64) TIMESTAMP: CAST(make_timestamp(CAST({0} AS BIGINT) * 1000000) AS TIMESTAMPTZ)
TIMESTAMP_MILLIS(INT64) TIMESTAMP: CAST(make_timestamp(CAST({0} AS BIGINT) * 1000) AS TIMESTAMPTZ)
TIMESTAMP_MICROS(INT64) TIMESTAMP: CAST(make_timestamp(CAST({0} AS BIGINT)) AS TIMESTAMPTZ)
"""
