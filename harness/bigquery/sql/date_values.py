"""What dates and times are made of, and made into: EXTRACT, constructors, CURRENT_, epochs.

Source: "Date functions", "Datetime functions", "Time functions" and "Timestamp functions" of the
reference.
"""

# ruff: noqa: E501
# A signature and its template stand on one line.
from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError
from harness.bigquery.sql import intervals
from harness.bigquery.sql.clocked import NOW
from harness.bigquery.sql.date_parts import KINDS, WEEKDAYS, counted, part_of
from harness.bigquery.sql.kinds import DATE, DATETIME, INT64, STRING, TIME, TIMESTAMP, Value
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match
from harness.bigquery.sql.zones import civil, instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

# DuckDB's date_part counts the seconds into these, and numbers a week as ISO does.
_EXTRACTED = {
    "DAYOFWEEK": "(dayofweek({x}) + 1)",
    "WEEK": "CAST(strftime({x}, '%U') AS BIGINT)",
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


def _extract(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    part, inner, zone = part_of(node.this), node.expression, None
    if isinstance(inner, exp.AtTimeZone):
        inner, zone = inner.this, inner.args["zone"]
    value = self.value(inner, scope)
    if value.kind.name == "INTERVAL" and zone is None:
        return intervals.extracted(part, value, node)
    if value.kind.name not in KINDS and value.kind.name != "NULL":
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
            kind = KINDS[part]
            return Value(f"CAST({sql} AS {kind.duckdb})", kind)
        allowed = _EXTRACTED if value.kind == DATE else {**_EXTRACTED, **_EXTRACTED_CLOCK}
    if part.startswith("WEEK(") and part[5:-1] in WEEKDAYS and value.kind != TIME:
        # The days before the year's first such day are week 0.
        shift = (8 - WEEKDAYS.index(part[5:-1])) % 7
        days = f"(dayofyear({sql}) + 6 - (isodow({sql}) - 1 + {shift}) % 7)"
        return Value(f"CAST({days} // 7 AS BIGINT)", INT64)
    if part not in allowed:
        raise ApiError(
            "invalidQuery",
            f"EXTRACT from {value.kind} does not support the {part} date part{at(node)}",
        )
    return Value(f"CAST({allowed[part].format(x=sql)} AS BIGINT)", INT64)


def _now(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    name = (
        call.name.upper()
        if isinstance(call, exp.Anonymous)
        else type(call).__name__.replace("Current", "CURRENT_").upper()
    )
    zone = (call.expressions or [call.this])[0] if isinstance(call, exp.Func) else None
    if isinstance(call, exp.Anonymous):
        zone = call.expressions[0] if call.expressions else None
    kind = KINDS[name.removeprefix("CURRENT_")]
    if kind == TIMESTAMP:
        return Value(NOW, TIMESTAMP)
    zone = zone if isinstance(zone, exp.Expr) else None
    return Value(f"CAST({civil(NOW, zone, self, scope)} AS {kind.duckdb})", kind)


def _make(  # noqa: C901, PLR0911
    self: Expressions, call: exp.Expr, scope: Scope
) -> Value:
    """DATE(...), DATETIME(...), TIME(...), TIMESTAMP(...)."""
    kind = KINDS[call.name.upper()]
    given = counted(call, 1, 6)
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


def _string(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """STRING(timestamp[, zone]), and of a JSON."""
    value_node, *rest = counted(call, 1, 2)
    value = self.value(value_node, scope)
    if value.kind.name == "JSON" and not rest:
        return Value(f"bq_json_string({value.sql})", STRING)
    if rest and value.kind == TIMESTAMP:
        local = civil(value.sql, rest[0], self, scope)
        moment = f"CAST({value.sql} AS TIMESTAMP)"
        return Value(f"bq_zoned_text({local}, {moment})", STRING)
    if rest:
        raise no_match("function STRING", [value, self.value(rest[0], scope)], at=at(call))
    if value.kind.name not in ("DATE", "DATETIME", "TIMESTAMP", "TIME"):
        raise no_match("function STRING", [value], at=at(call))
    return Value(f"bq_to_string({value.sql})", STRING)


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    **dict.fromkeys(KINDS, _make),
    **{f"CURRENT_{one}": _now for one in KINDS},
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
DATE_FROM_UNIX_DATE(INT64) DATE: bq_in_range(CAST(DATE '1970-01-01' + to_days(CAST({0} AS INTEGER)) AS DATE), 'DATE_FROM_UNIX_DATE of ' || {0})
TIMESTAMP_SECONDS(INT64) TIMESTAMP: bq_of_epoch({0}, 1000000, 'TIMESTAMP_SECONDS')
TIMESTAMP_MILLIS(INT64) TIMESTAMP: bq_of_epoch({0}, 1000, 'TIMESTAMP_MILLIS')
TIMESTAMP_MICROS(INT64) TIMESTAMP: bq_of_epoch({0}, 1, 'TIMESTAMP_MICROS')
"""
