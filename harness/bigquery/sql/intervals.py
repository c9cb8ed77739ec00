"""INTERVAL as a value: literals, MAKE_INTERVAL, JUSTIFY_*, EXTRACT.

Source: "Interval type" and "Interval functions" of the reference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.sql.kinds import INT64, INTERVAL, Value
from harness.bigquery.sql.places import at
from harness.bigquery.sql.signatures import no_match

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.sql.expressions import Expressions
    from harness.bigquery.sql.scope import Scope

_ORDER = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
# Months, days and microseconds of one of a part.
_ONE = {
    "YEAR": (12, 0, 0),
    "QUARTER": (3, 0, 0),
    "MONTH": (1, 0, 0),
    "WEEK": (0, 7, 0),
    "DAY": (0, 1, 0),
    "HOUR": (0, 0, 3_600_000_000),
    "MINUTE": (0, 0, 60_000_000),
    "SECOND": (0, 0, 1_000_000),
    "MILLISECOND": (0, 0, 1_000),
    "MICROSECOND": (0, 0, 1),
}
_GROUPS = (("YEAR", "MONTH"), ("DAY",), ("HOUR", "MINUTE", "SECOND"))
_JOINTS = {"YEAR": "-", "MONTH": " ", "DAY": " ", "HOUR": ":", "MINUTE": ":"}
_LIMITS = (120_000, 3_660_000, 87_840_000 * 3_600_000_000)
_EXTRACTED = {
    "YEAR": "datepart('year', {x})",
    "MONTH": "datepart('month', {x})",
    "DAY": "datepart('day', {x})",
    "HOUR": "datepart('hour', {x})",
    "MINUTE": "datepart('minute', {x})",
    "SECOND": "datepart('second', {x})",
    "MILLISECOND": "(datepart('millisecond', {x}) % 1000)",
    "MICROSECOND": "(datepart('microsecond', {x}) % 1000000)",
}


def _interval(self: Expressions, node: exp.Expr, scope: Scope) -> Value:
    """``INTERVAL n PART`` and ``INTERVAL 'text' PART TO PART``."""
    unit, given = node.args.get("unit"), node.this
    if unit is None:
        raise ApiError("invalidQuery", f"Syntax error: INTERVAL without a date part{at(node)}")
    if isinstance(unit, exp.IntervalSpan):
        if not (isinstance(given, exp.Literal) and given.is_string):
            raise ApiError("invalidQuery", f"Invalid INTERVAL literal{at(node)}")
        parts = (unit.this.name.upper(), unit.expression.name.upper())
        return _made(_read(given.name, *parts, node), node)
    part = unit.name.upper()
    if part not in _ONE:
        raise ApiError("invalidQuery", f"A valid date part name is required{at(node)}")
    if isinstance(given, exp.Literal) and given.is_string:
        return _made(_read(given.name, part, part, node), node)
    count = self.value(given, scope)
    if count.kind.name not in ("INT64", "NULL"):
        raise ApiError("invalidQuery", f"Interval value must be coercible to INT64 type{at(node)}")
    cells = ", ".join(f"CAST({count.sql} AS BIGINT) * {one}" if one else "0" for one in _ONE[part])
    return Value(f"bq_interval({cells})", INTERVAL)


def _read(text: str, first: str, last: str, node: exp.Expr) -> tuple[int, int, int]:
    """Months, days and microseconds of a text such as ``1-2 3 4:5:6.5``."""
    if first == last and first in _ONE and first not in _ORDER:
        parts: tuple[str, ...] = (first,)
    elif first in _ORDER and last in _ORDER and _ORDER.index(first) <= _ORDER.index(last):
        parts = _ORDER[_ORDER.index(first) : _ORDER.index(last) + 1]
    else:
        raise ApiError("invalidQuery", f"Invalid INTERVAL from {first} to {last}{at(node)}")
    pattern = ""
    for number, part in enumerate(parts):
        starts = part in ("YEAR", "DAY", "HOUR") or number == 0
        digits = r"\d+(?:\.\d{1,9})?" if part == "SECOND" else r"\d+"
        sign = rf"(?P<{part}_sign>[+-]?)" if starts else ""
        pattern += (_JOINTS[parts[number - 1]] if number else "") + rf"{sign}(?P<{part}>{digits})"
    found = re.fullmatch(pattern, text.strip())
    if found is None:
        raise ApiError("invalidQuery", f"Invalid INTERVAL literal '{text}'{at(node)}")
    totals, factor = [0, 0, 0], 1
    for part in parts:
        if f"{part}_sign" in found.groupdict():
            factor = -1 if found[f"{part}_sign"] == "-" else 1
        whole, _, fraction = found[part].partition(".")
        if len(fraction.rstrip("0")) > 6:  # noqa: PLR2004
            raise UnsupportedError(f"an INTERVAL of nanoseconds{at(node)}")
        for place, size in enumerate(_ONE[part]):
            totals[place] += factor * int(whole) * size
        totals[2] += factor * int(fraction.ljust(6, "0")[:6] or 0)
    return totals[0], totals[1], totals[2]


def _made(parts: tuple[int, int, int], node: exp.Expr) -> Value:
    for one, limit in zip(parts, _LIMITS, strict=True):
        if abs(one) > limit:
            raise ApiError("invalidQuery", f"Interval value is out of range{at(node)}")
    return Value(f"bq_interval({', '.join(map(str, parts))})", INTERVAL)


def _make(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    """MAKE_INTERVAL([year => ] n, ...); what is not given is 0."""
    given: dict[str, Value] = {}
    for number, one in enumerate(call.expressions):
        named = isinstance(one, exp.Kwarg)
        if number >= len(_ORDER):
            raise no_match("function MAKE_INTERVAL", list(given.values()), at=at(call))
        name = one.this.name.upper() if named else _ORDER[number]
        value = self.value(one.expression if named else one, scope)
        if name not in _ORDER or name in given or value.kind.name not in ("INT64", "NULL"):
            raise no_match("function MAKE_INTERVAL", [*given.values(), value], at=at(call))
        given[name] = value
    sums = ["0", "0", "0"]
    for name, value in given.items():
        for place, size in enumerate(_ONE[name]):
            if size:
                sums[place] += f" + CAST({value.sql} AS BIGINT) * {size}"
    return Value(f"bq_interval({', '.join(sums)})", INTERVAL)


def _justified(self: Expressions, call: exp.Expr, scope: Scope) -> Value:
    values = [self.value(one, scope) for one in call.expressions]
    name = call.name.upper()
    if len(values) != 1 or values[0].kind.name not in ("INTERVAL", "NULL"):
        raise no_match(f"function {name}", values, at=at(call))
    return Value(f"bq_{name.lower()}(CAST({values[0].sql} AS INTERVAL))", INTERVAL)


def extracted(part: str, value: Value, node: exp.Expr) -> Value:
    """EXTRACT(part FROM interval).

    Raises:
        ApiError: An INTERVAL has no such part.
    """
    if part not in _EXTRACTED:
        raise ApiError(
            "invalidQuery", f"EXTRACT from INTERVAL does not support the {part} date part{at(node)}"
        )
    return Value(f"CAST({_EXTRACTED[part].format(x=value.sql)} AS BIGINT)", INT64)


CALLS: dict[str, Callable[[Expressions, exp.Expr, Scope], Value]] = {
    "JUSTIFY_DAYS": _justified,
    "JUSTIFY_HOURS": _justified,
    "JUSTIFY_INTERVAL": _justified,
    "MAKE_INTERVAL": _make,
}
ACTIONS: dict[type[exp.Expr], Callable[[Expressions, exp.Expr, Scope], Value]] = {
    exp.Interval: _interval,
}
