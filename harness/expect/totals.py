"""Checks of a column as a whole: its sum, and its newest moment."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Context, Decimal
from numbers import Real
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import InputError
from harness.expect.compare.options import is_tolerance
from harness.expect.engine import engine
from harness.expect.finding import Finding
from harness.expect.layout import kind_of, plain

if TYPE_CHECKING:
    from harness.expect.subject import Subject

Number: TypeAlias = "int | float | Decimal"

_FLOATS = 1e-9
"""How far the sum of floats may be off, as a share: they are added in no fixed order."""
_LAST_DIGITS = 1e-15
"""The same as a share of all values without their signs: each is rounded to a double."""
_EXACT = Context(prec=200)
_DAY = dt.timedelta(days=1)
_EASTERNMOST = dt.timedelta(hours=14)
"""A date begins so much earlier there than in UTC."""
_SLACK = dt.timedelta(minutes=1)
"""By how much the clock of a service may be fast."""
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def sums_to(
    subject: Subject, name: str, expected: Number, *, tolerance: Number | None
) -> Finding | None:
    """Whether the values of a column add up to a number."""
    column = plain(subject.table.column(name))
    if kind_of(column.type) not in {"number", "null"}:
        raise InputError(
            f"column {name} is of type {column.type}, which cannot be added up",
            remedy="name a column of numbers",
        )
    _refuse_odd(expected, tolerance)
    found = _sum(column)
    if isinstance(found, float):
        share = _share(column, expected) if tolerance is None else float(tolerance)
        off = found - float(expected)
        good = abs(off) <= share or found == expected
        difference: float | Decimal = off
    else:
        difference = _EXACT.subtract(found, Decimal(str(expected)))
        good = abs(difference) <= Decimal(str(tolerance or 0))
    if good:
        return None
    within = "" if tolerance is None else f" within {tolerance}"
    return Finding(
        about=subject.label,
        difference=f"expected the sum {expected:,}{within} in column {name}, found {found:,}"
        f" ({difference:+,}) in {len(column) - column.null_count:,} values",
        facts={"check": "sums_to", "column": name, "expected": str(expected), "found": str(found)},
    )


def _refuse_odd(expected: Number, tolerance: Number | None) -> None:
    if isinstance(expected, bool) or not isinstance(expected, Real | Decimal):
        raise InputError(f"the sum cannot be {expected!r}", remedy="give a number")
    if math.isnan(expected):
        raise InputError("nothing adds up to NaN, which equals no number", remedy="give a number")
    if tolerance is not None and (
        isinstance(tolerance, dt.timedelta) or not is_tolerance(tolerance)
    ):
        raise InputError(
            f"a tolerance of a sum cannot be {tolerance!r}", remedy="give a number from 0 on"
        )


def _share(column: pa.ChunkedArray, expected: Number) -> float:
    """By how much the sum of floats may be off: positive and negative ones leave a rest."""
    size = float(pc.sum(pc.abs(column)).as_py() or 0)
    rest = size * _LAST_DIGITS if math.isfinite(size) else 0.0
    return max(abs(float(expected)) * _FLOATS if math.isfinite(expected) else 0.0, rest)


def _sum(column: pa.ChunkedArray) -> float | Decimal:
    """Whole numbers and decimals exactly, floats with few roundings; nulls are no values."""
    if pa.types.is_floating(column.type):
        if pc.any(pc.invert(pc.is_finite(column))).as_py():
            return float(pc.sum(column).as_py())
        with engine() as connection:
            connection.register("part", pa.table({"value": column}))
            rows = connection.execute("SELECT fsum(value) FROM part").fetchall()
        return float(rows[0][0] or 0)
    if pa.types.is_decimal(column.type):
        return Decimal(pc.sum(column.cast(pa.decimal256(76, column.type.scale))).as_py() or 0)
    if pa.types.is_null(column.type):
        return Decimal(0)
    return Decimal(pc.sum(column.cast(pa.decimal128(38, 0))).as_py() or 0)


def freshness(
    subject: Subject, name: str, *, within: str | dt.timedelta, now: dt.datetime | None
) -> Finding | None:
    """Whether the newest moment of a column is not too long ago, nor to come.

    A date lasts until its end.
    """
    column = plain(subject.table.column(name))
    if kind_of(column.type) not in {"date", "timestamp"}:
        raise InputError(
            f"column {name} is of type {column.type}, which has no newest moment",
            remedy="name a column of dates or timestamps",
        )
    limit = _length(within)
    present = subject.now() if now is None else now.replace(tzinfo=now.tzinfo or dt.UTC)
    newest = pc.max(column)
    if not newest.is_valid:
        return Finding(
            about=subject.label,
            difference=f"expected moments of the last {limit} in column {name}, found no values",
            facts={"check": "freshness", "column": name, "newest": None},
        )
    # Nanoseconds, which Python has not, make nothing fresh.
    moment = newest.cast(pa.timestamp("us"), safe=False).as_py().replace(tzinfo=dt.UTC)
    ahead = moment - present
    if pa.types.is_date(column.type):
        ahead -= _EASTERNMOST
        moment += _DAY
    age = present - moment
    if age <= limit and ahead <= _SLACK:
        return None
    told = f"{age} before {present:%Y-%m-%d %H:%M:%S %Z} ({age - limit} too old)"
    if ahead > _SLACK:
        told = f"after {present:%Y-%m-%d %H:%M:%S %Z}: it is yet to come"
    return Finding(
        about=subject.label,
        difference=f"expected moments of the last {limit} in column {name}, found the newest,"
        f" {newest.as_py()}, {told}",
        facts={"check": "freshness", "column": name, "newest": str(newest.as_py())},
    )


def _length(within: str | dt.timedelta) -> dt.timedelta:
    if isinstance(within, dt.timedelta):
        return within
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*", within)
    if match is None or not math.isfinite(float(match[1])):
        raise InputError(
            f"{within!r} is no length of time",
            remedy='write a number and s, m, h, d or w, such as "1d" or "90m", or a timedelta',
        )
    return dt.timedelta(**{_UNITS[match[2]]: float(match[1])})
