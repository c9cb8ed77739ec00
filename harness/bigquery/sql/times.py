"""Rewrites of date and time functions.

DuckDB's own differ in the type of the answer (a truncated DATE is a TIMESTAMP), in where a week
begins, and in what a difference counts.
"""

from __future__ import annotations

import re

from sqlglot import exp

from harness.bigquery.errors import UnsupportedError
from harness.bigquery.sql.rewrites import call

_TYPES = {
    "Date": ("DATE", "DATE"),
    "Datetime": ("TIMESTAMP", "TIMESTAMP"),
    "Timestamp": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"),
}
# DuckDB's date_part counts the seconds into these, and numbers a week as ISO does.
_PARTS = {
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
    "HOUR": "hour({x})",
    "MINUTE": "minute({x})",
    "SECOND": "second({x})",
    "MILLISECOND": "(millisecond({x}) % 1000)",
    "MICROSECOND": "(microsecond({x}) % 1000000)",
    "DATE": "CAST({x} AS DATE)",
}
_UNITS = (
    "MICROSECOND",
    "MILLISECOND",
    "SECOND",
    "MINUTE",
    "HOUR",
    "DAY",
    "MONTH",
    "QUARTER",
    "YEAR",
)
_SUNDAY_WEEKS = ("WEEK", "WEEK(SUNDAY)")
_MONDAY_WEEKS = ("ISOWEEK", "WEEK(MONDAY)")
_FORMAT = re.compile(r"(?:%[YmdHMSFTjyebBaA]|[^%])*")


def unit_of(node: exp.Expr | None) -> str:
    """A date part by its name: ``DAY``, ``WEEK(MONDAY)``."""
    if isinstance(node, exp.WeekStart):
        return f"WEEK({node.this.name.upper()})"
    return node.name.upper() if node is not None else "DAY"


def of_type(kind: str, value: exp.Expr, what: str) -> exp.Expr:
    """The value, which must be of the type that the function's name says."""
    return call("bq_of_type", value, _TYPES[kind][0], what)


def extracts(node: exp.Expr) -> exp.Expr:
    """EXTRACT, with BigQuery's numbers."""
    if not isinstance(node, exp.Extract):
        return node
    part = unit_of(node.this)
    if isinstance(node.expression, exp.AtTimeZone):
        raise UnsupportedError("EXTRACT ... AT TIME ZONE")
    if part not in _PARTS:
        raise UnsupportedError(f"EXTRACT({part} FROM ...)")
    # A placeholder keeps the value a tree; civil time is in UTC, as every cursor's is.
    template: exp.Expr = exp.maybe_parse(_PARTS[part].format(x="__value"), dialect="duckdb")
    value = exp.Cast(this=node.expression, to=exp.DataType.build("TIMESTAMP"))
    for column in list(template.find_all(exp.Column)):
        column.replace(value.copy())
    return template


def truncations(node: exp.Expr) -> exp.Expr:
    """DATE_TRUNC, DATETIME_TRUNC and TIMESTAMP_TRUNC, in UTC; weeks begin on Sunday."""
    if not isinstance(node, exp.DateTrunc | exp.DatetimeTrunc | exp.TimestampTrunc):
        return node
    kind = type(node).__name__.removesuffix("Trunc")
    what = f"{kind.upper()}_TRUNC"
    if node.args.get("zone"):
        raise UnsupportedError(f"{what} with a time zone")
    unit = unit_of(node.args.get("unit"))
    value = of_type(kind, node.this, what)
    target = exp.DataType.build(_TYPES[kind][1], dialect="duckdb")
    if unit in (*_SUNDAY_WEEKS, *_MONDAY_WEEKS):
        return exp.Cast(this=_week_of(value, unit), to=target)
    if unit not in _UNITS:
        raise UnsupportedError(f"{what} by {unit}")
    return exp.Cast(this=call("date_trunc", unit.lower(), value), to=target)


def differences(node: exp.Expr) -> exp.Expr:
    """TIMESTAMP_DIFF counts whole units, the others count the boundaries between."""
    if not isinstance(node, exp.DateDiff | exp.DatetimeDiff | exp.TimestampDiff):
        return node
    kind = type(node).__name__.removesuffix("Diff")
    what = f"{kind.upper()}_DIFF"
    unit = unit_of(node.args.get("unit"))
    end, start = of_type(kind, node.this, what), of_type(kind, node.expression, what)
    if kind != "Timestamp" and unit in (*_SUNDAY_WEEKS, *_MONDAY_WEEKS):
        days = call("datediff", "day", _week_of(start, unit), _week_of(end, unit))
        return exp.IntDiv(this=days, expression=exp.Literal.number(7))
    if unit not in _UNITS or (kind == "Timestamp" and unit in ("MONTH", "QUARTER", "YEAR")):
        raise UnsupportedError(f"{what} by {unit}")
    function = "datesub" if kind == "Timestamp" else "datediff"
    return call(function, unit.lower(), start, end)


def _week_of(value: exp.Expr, unit: str) -> exp.Expr:
    """The first day of a week: DuckDB's weeks begin on Monday."""
    if unit in _MONDAY_WEEKS:
        return call("date_trunc", "week", value)
    shift = exp.Interval(this=exp.Literal.string("1"), unit=exp.var("DAY"))
    week = call("date_trunc", "week", exp.paren(exp.Add(this=value, expression=shift)))
    return exp.paren(exp.Sub(this=week, expression=shift.copy()))


def sums(node: exp.Expr) -> exp.Expr:
    """A DATE with an interval added is a DATE."""
    adds = (exp.DateAdd, exp.DatetimeAdd, exp.TimestampAdd)
    subs = (exp.DateSub, exp.DatetimeSub, exp.TimestampSub)
    if not isinstance(node, (*adds, *subs)):
        return node
    kind = type(node).__name__[:-3]
    what = f"{kind.upper()}_{'ADD' if isinstance(node, adds) else 'SUB'}"
    unit = unit_of(node.args.get("unit"))
    if unit not in (*_UNITS, "WEEK"):
        raise UnsupportedError(f"{what} by {unit}")
    one = exp.Interval(this=exp.Literal.string("1"), unit=exp.var(unit))
    count = node.expression
    if isinstance(count, exp.Literal) and count.is_string:
        count = exp.Literal.number(count.name)
    interval = exp.Mul(
        this=exp.Cast(this=exp.paren(count), to=exp.DataType.build("BIGINT")), expression=one
    )
    joined = exp.Add if isinstance(node, adds) else exp.Sub
    value = joined(this=of_type(kind, node.this, what), expression=exp.paren(interval))
    return exp.Cast(this=exp.paren(value), to=exp.DataType.build(_TYPES[kind][1], dialect="duckdb"))


def conversions(node: exp.Expr) -> exp.Expr:
    """DATE(x), DATETIME(x) and TIMESTAMP(x), all in UTC."""
    if not isinstance(
        node,
        exp.Date | exp.TsOrDsToDate | exp.Timestamp | exp.TsOrDsToTimestamp | exp.TsOrDsToDatetime,
    ):
        return node
    if node.args.get("zone") or node.args.get("expression") or node.expressions:
        raise UnsupportedError(f"{node.sql_name()} with a time zone")
    if isinstance(node, exp.Date | exp.TsOrDsToDate):
        return call("bq_to_date", node.this)
    kind = "TIMESTAMP" if isinstance(node, exp.TsOrDsToDatetime) else "TIMESTAMPTZ"
    return exp.Cast(this=node.this, to=exp.DataType.build(kind, dialect="duckdb"))


def epochs(node: exp.Expr) -> exp.Expr:
    """TIMESTAMP_SECONDS, _MILLIS and _MICROS give an instant, not a civil time."""
    if not isinstance(node, exp.UnixToTime):
        return node
    scale = int(str(node.args.get("scale") or 0))
    factor = exp.Literal.number(10 ** (6 - scale))
    us = exp.Mul(this=exp.paren(node.this), expression=factor)
    return exp.Cast(this=call("make_timestamp", us), to=exp.DataType.build("TIMESTAMPTZ"))


def present(node: exp.Expr) -> exp.Expr:
    """CURRENT_DATE, CURRENT_DATETIME and CURRENT_TIMESTAMP in UTC."""
    if isinstance(node, exp.LastDay) and node.args.get("unit"):
        raise UnsupportedError("LAST_DAY with a part")
    if not isinstance(node, exp.CurrentDate | exp.CurrentDatetime | exp.CurrentTimestamp):
        return node
    if node.this:
        raise UnsupportedError(f"{node.sql_name()} with a time zone")
    kind = {exp.CurrentDate: "DATE", exp.CurrentDatetime: "TIMESTAMP"}.get(type(node))
    if kind is None:
        return call("now")
    return exp.Cast(this=call("now"), to=exp.DataType.build(kind, dialect="duckdb"))


def formats(node: exp.Expr) -> exp.Expr:
    """FORMAT_ and PARSE_ with the elements that mean the same in both."""
    parses = (exp.StrToDate, exp.StrToTime, exp.ParseDatetime)
    if not isinstance(node, (exp.TimeToStr, *parses)):
        return node
    form = node.args.get("format")
    if node.args.get("zone"):
        raise UnsupportedError("formatting with a time zone")
    if not (isinstance(form, exp.Literal) and form.is_string):
        raise UnsupportedError("a format that is not a literal")
    # sqlglot has already written some elements out for Python.
    text = form.name.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S")
    if not _FORMAT.fullmatch(text):
        raise UnsupportedError(f"the format {text!r}")
    text = text.replace("%e", "%-d")
    if isinstance(node, exp.TimeToStr):
        target = exp.DataType.build("TIMESTAMP", dialect="duckdb")
        return call("strftime", exp.Cast(this=node.this, to=target), text)
    kind = {exp.StrToDate: "DATE", exp.StrToTime: "TIMESTAMPTZ"}.get(type(node), "TIMESTAMP")
    if "%Y" not in text and "%y" not in text:
        raise UnsupportedError(f"parsing {text!r}, which has no year")
    parsed = call("strptime", node.this, text)
    return exp.Cast(this=parsed, to=exp.DataType.build(kind, dialect="duckdb"))


TIME_REWRITES = (
    extracts,
    truncations,
    differences,
    sums,
    conversions,
    epochs,
    present,
    formats,
)
