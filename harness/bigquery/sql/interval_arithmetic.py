"""Sums of dates and intervals. Source: "Date arithmetics operators" of the reference."""

from __future__ import annotations

from harness.bigquery.sql.kinds import DATETIME, INTERVAL, TIMESTAMP, Value

_MOMENTS = {"DATE": DATETIME, "DATETIME": DATETIME, "TIMESTAMP": TIMESTAMP}
_SPANS = {
    # Of two days the days, of two moments the time between, however long.
    "DATE": "to_days(CAST({a} - {b} AS INTEGER))",
    "DATETIME": "to_microseconds(epoch_us({a}) - epoch_us({b}))",
    "TIMESTAMP": "to_microseconds(epoch_us({a}) - epoch_us({b}))",
}


def combined(left: Value, right: Value, sign: str) -> Value | None:
    """An operator on a date, a time or an INTERVAL, or None where it is another one."""
    kinds = (left.kind.name, right.kind.name)
    if sign in "+-" and kinds == ("INTERVAL", "INTERVAL"):
        other = right.sql if sign == "+" else f"bq_iv_times({right.sql}, -1)"
        return Value(f"({left.sql} + {other})", INTERVAL)
    if sign == "+" and kinds[0] == "INTERVAL" and kinds[1] in _MOMENTS:
        left, right, kinds = right, left, (kinds[1], kinds[0])
    if sign in "+-" and kinds[1] == "INTERVAL" and kinds[0] in _MOMENTS:
        return _moved(left, right, sign)
    if sign == "-" and kinds[0] == kinds[1] and kinds[0] in _SPANS:
        return Value(_SPANS[kinds[0]].format(a=left.sql, b=right.sql), INTERVAL)
    if sign == "*" and set(kinds) == {"INTERVAL", "INT64"}:
        span, count = (left, right) if kinds[0] == "INTERVAL" else (right, left)
        return Value(f"bq_iv_times({span.sql}, {count.sql})", INTERVAL)
    over = sign == "/" and kinds == ("INTERVAL", "INT64")
    return Value(f"bq_iv_over({left.sql}, {right.sql})", INTERVAL) if over else None


def _moved(moment: Value, span: Value, sign: str) -> Value:
    kind = _MOMENTS[moment.kind.name]
    by = span.sql if kind == DATETIME else f"bq_iv_unmonthly({span.sql})"
    return Value(f"CAST(CAST({moment.sql} AS {kind.duckdb}) {sign} {by} AS {kind.duckdb})", kind)
