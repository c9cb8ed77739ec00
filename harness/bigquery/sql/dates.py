"""Sums, differences and truncation of dates and times.

Source: "Date functions", "Datetime functions", "Time functions" and "Timestamp functions" of the
reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.casts import converted
from harness.bigquery.sql.date_parts import (
    KINDS,
    checked,
    counted,
    first_day,
    interval_count,
    part_of,
    span,
    typed,
)
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
)
from harness.bigquery.sql.places import at, position
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.sql.zones import civil, instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope


# ZetaSQL's signatures of DATE_ADD, DATETIME_ADD, TIMESTAMP_ADD and their _SUB.
_MOVED_TOO = {
    "DATE": (DATETIME, TIMESTAMP),
    "DATETIME": (TIMESTAMP,),
    "TIMESTAMP": (DATETIME,),
}


def _truncate(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    value_node, part_node, *rest = counted(call, 2, 3)
    name = call.name.upper()
    kinds: tuple[Kind, ...] = (TIME,) if name == "TIME_TRUNC" else (DATE, DATETIME, TIMESTAMP)
    if name != "DATE_TRUNC":
        kinds = tuple(sorted(kinds, key=lambda one: one.name != name.removesuffix("_TRUNC")))
    value, part = typed(self, value_node, scope, kinds, call), part_of(part_node)
    week = part.startswith(("WEEK", "ISOWEEK"))
    if not week and part != "ISOYEAR":
        limits = "DATETIME" if value.kind == TIMESTAMP else value.kind.name
        checked(part, limits, name, part_node)
    zone = rest[0] if rest else None
    if value.kind == TIME:
        return Value(f"CAST(date_trunc('{part}', DATE '1970-01-01' + {value.sql}) AS TIME)", TIME)
    inner = civil(value.sql, zone, self, scope) if value.kind == TIMESTAMP else value.sql
    inner = f"CAST({inner} AS TIMESTAMP)"
    if part == "ISOYEAR":
        year = f"make_date(isoyear({inner}), 1, 4)"
        sql = f"date_trunc('week', {year})"
    else:
        sql = first_day(inner, part) if week else f"date_trunc('{part.lower()}', {inner})"
    if value.kind == TIMESTAMP:
        return Value(instant(sql, zone, self, scope), TIMESTAMP)
    return Value(f"CAST({sql} AS {value.kind.duckdb})", value.kind)


def _difference(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    end_node, start_node, part_node = counted(call, 3, 3)
    name = call.name.upper()
    kind = KINDS[name.removesuffix("_DIFF")]
    end, start = (typed(self, one, scope, (kind,), call) for one in (end_node, start_node))
    part = part_of(part_node)
    if kind.name in ("DATE", "DATETIME") and part.startswith(("WEEK", "ISOWEEK")):
        a, b = first_day(start.sql, part), first_day(end.sql, part)
        return Value(f"(datediff('day', {a}, {b}) // 7)", INT64)
    if part == "ISOYEAR" and kind.name in ("DATE", "DATETIME"):
        return Value(f"(isoyear({end.sql}) - isoyear({start.sql}))", INT64)
    checked(part, kind.name, name, part_node)
    # TIMESTAMP_DIFF counts whole units, the others the boundaries between.
    function = "datesub" if kind == TIMESTAMP else "datediff"
    if kind == TIMESTAMP and part == "DAY":
        return Value(f"(datesub('hour', {start.sql}, {end.sql}) // 24)", INT64)
    return Value(f"{function}('{part.lower()}', {start.sql}, {end.sql})", INT64)


def _sum(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    value_node, interval = counted(call, 2, 2)
    name = call.name.upper()
    kind = KINDS[name.rpartition("_")[0]]
    value = typed(self, value_node, scope, (kind, *_MOVED_TOO.get(name[:-4], ())), call)
    kind = value.kind
    sign = "+" if name.endswith("_ADD") else "-"
    if not isinstance(interval, exp.Interval) and kind == DATE:
        count = self.value(interval, scope)
        if count.kind == INT64:
            moved = f"CAST({value.sql} {sign} to_days(CAST({count.sql} AS INTEGER)) AS DATE)"
            return Value(f"bq_in_range({moved}, 'Adding days to a date')", DATE)
    if not isinstance(interval, exp.Interval) or not isinstance(interval.args.get("unit"), exp.Var):
        raise UnsupportedError(
            f"{name} with another INTERVAL than one part", position=position(call)
        )
    part = checked(part_of(interval.args["unit"]), kind.name, name, call)
    count_sql = interval_count(self, interval, scope, call)
    moved = f"({value.sql} {sign} {span(count_sql, part)})"
    if kind == TIME:
        return Value(f"CAST({moved} AS {kind.duckdb})", kind)
    told = f"'{part} {'to' if sign == '+' else 'from'} {kind.name.lower()} '"
    word = "Adding" if sign == "+" else "Subtracting"
    shown = converted(value, STRING, safe=False)
    what = f"'{word} ' || {count_sql} || ' ' || {told} || {shown}"
    return Value(f"bq_in_range(CAST({moved} AS {kind.duckdb}), {what})", kind)


def _last_day(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    value_node, *rest = counted(call, 1, 2)
    value = typed(self, value_node, scope, (DATE, DATETIME), call)
    part = part_of(rest[0]) if rest else "MONTH"
    if part.startswith(("WEEK", "ISOWEEK")):
        first = first_day(f"CAST({value.sql} AS TIMESTAMP)", part)
        return Value(f"CAST({first} + to_days(6) AS DATE)", DATE)
    if part == "ISOYEAR":
        # The Sunday before the week that holds the next year's fourth of January.
        year = f"make_date(isoyear({value.sql}) + 1, 1, 4)"
        return Value(f"CAST(date_trunc('week', {year}) - to_days(1) AS DATE)", DATE)
    if part == "DAY" and value.kind == DATETIME:
        return Value(f"CAST({value.sql} AS DATE)", DATE)
    if part not in ("MONTH", "QUARTER", "YEAR"):
        raise ApiError(
            "invalidQuery",
            f"LAST_DAY does not support the {part} date part when the argument is "
            f"{value.kind} type{at(call)}",
        )
    first = f"date_trunc('{part.lower()}', {value.sql})"
    return Value(f"CAST({first} + {span('1', part)} - to_days(1) AS DATE)", DATE)


def _dates(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """GENERATE_DATE_ARRAY and GENERATE_TIMESTAMP_ARRAY."""
    start_node, end_node, *rest = counted(call, 2, 3)
    kind = DATE if call.name.upper() == "GENERATE_DATE_ARRAY" else TIMESTAMP
    start, end = (typed(self, one, scope, (kind,), call) for one in (start_node, end_node))
    step = "to_days(1)"
    if rest:
        if not isinstance(rest[0], exp.Interval):
            raise no_match(f"function {call.name.upper()}", [start, end], at=at(call))
        part = checked(part_of(rest[0].args["unit"]), kind.name, call.name.upper(), call)
        step = span(interval_count(self, rest[0], scope, call), part)
    series = f"generate_series({start.sql}, {end.sql}, {step})"
    return Value(f"CAST({series} AS {kind.duckdb}[])", array_of(kind))


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    **{f"{one}_TRUNC": _truncate for one in KINDS},
    **{f"{one}_DIFF": _difference for one in KINDS},
    **{f"{one}_ADD": _sum for one in KINDS},
    **{f"{one}_SUB": _sum for one in KINDS},
    "LAST_DAY": _last_day,
    "GENERATE_DATE_ARRAY": _dates,
    "GENERATE_TIMESTAMP_ARRAY": _dates,
}
