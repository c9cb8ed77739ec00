"""DATE_BUCKET, DATETIME_BUCKET and TIMESTAMP_BUCKET. Source: "Time series functions"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.date_parts import KINDS, checked, counted, interval_count, part_of, typed
from harness.bigquery.sql.kinds import Value
from harness.bigquery.sql.places import at, position
from harness.bigquery.sql.signatures import no_match

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

# The origin, where none is given.
_ORIGIN = "TIMESTAMP '1950-01-01 00:00:00'"
_MICROSECONDS = {
    "MICROSECOND": 1,
    "MILLISECOND": 1_000,
    "SECOND": 1_000_000,
    "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000,
    "DAY": 86_400_000_000,
    "WEEK": 604_800_000_000,
}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def _bucket(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    value_node, interval, *rest = counted(call, 2, 3)
    name = call.name.upper()
    kind = KINDS[name.removesuffix("_BUCKET")]
    value = typed(self, value_node, scope, (kind,), call)
    if not isinstance(interval, exp.Interval) or not isinstance(interval.args.get("unit"), exp.Var):
        if isinstance(interval, exp.Interval):
            raise UnsupportedError(f"{name} with an INTERVAL of parts", position=position(call))
        raise no_match(f"function {name}", [value, self.value(interval, scope)], at=at(call))
    part = checked(part_of(interval.args["unit"]), kind.name, name, call)
    count = interval_count(self, interval, scope, call)
    origin = _ORIGIN
    if rest:
        origin = f"CAST({typed(self, rest[0], scope, (kind,), call).sql} AS TIMESTAMP)"
    civil = f"CAST({value.sql} AS TIMESTAMP)"
    if part in _MONTHS:
        # Whole months count from the origin, which keeps its day as far as a month has it.
        sql = f"bq_bucket_months({civil}, {count} * {_MONTHS[part]}, {origin})"
    elif part in _MICROSECONDS:
        sql = f"bq_bucket({civil}, {count} * {_MICROSECONDS[part]}, {origin})"
    else:
        raise ApiError("invalidQuery", f"{name} does not support the {part} date part{at(call)}")
    return Value(f"CAST({sql} AS {kind.duckdb})", kind)


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "DATE_BUCKET": _bucket,
    "DATETIME_BUCKET": _bucket,
    "TIMESTAMP_BUCKET": _bucket,
}
