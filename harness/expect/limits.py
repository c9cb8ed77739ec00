"""What a test gives as a limit, made comparable with a column, without a loss."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import InputError

# The years that fit 64 bits of nanoseconds around 1970.
_NANOSECOND_YEARS = range(1679, 2262)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A limit, and the column as it must be seen to be compared with it.

    Attributes:
        view: The column's values; their days where the limit is a day.
        scalar: The limit.
    """

    view: pa.ChunkedArray
    scalar: pa.Scalar


def comparable(values: pa.ChunkedArray, limit: Any, *, name: str, lower: bool) -> Limit:
    """Make a limit comparable.

    Args:
        values: The column.
        limit: What the test gives.
        name: The column's name, for the message.
        lower: Whether it is the lower limit; a broken one for whole numbers is rounded inwards.

    Raises:
        InputError: The limit cannot be compared with values of this type.
    """
    kind = values.type
    try:
        if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            return _moment(values, limit)
        scalar = _scalar(kind, limit, lower=lower)
    except (TypeError, ValueError, OverflowError, ArithmeticError) as error:
        raise InputError(
            f"{limit!r} is no limit for column {name}, which is of type {kind}",
            cause=str(error),
            remedy="give both limits in the column's own type",
        ) from error
    if scalar is None:
        raise InputError(
            f"column {name} is of type {kind}, which has no order to be between limits",
            remedy="take .arrow() and assert on the parts that have one",
        )
    return Limit(view=values, scalar=scalar)


def _scalar(kind: pa.DataType, limit: Any, *, lower: bool) -> pa.Scalar | None:
    """The limit in the column's type, or None where the type has no order."""
    if pa.types.is_integer(kind):
        return _whole(limit, lower=lower)
    if pa.types.is_floating(kind):
        return pa.scalar(float(_number(limit)), pa.float64())
    if pa.types.is_decimal(kind):
        return pa.scalar(Decimal(str(_number(limit))))
    if pa.types.is_time(kind) and isinstance(limit, str):
        limit = dt.time.fromisoformat(limit)
    ordered = (
        pa.types.is_time,
        pa.types.is_duration,
        pa.types.is_string,
        pa.types.is_large_string,
    )
    return pa.scalar(limit, kind) if any(is_(kind) for is_ in ordered) else None


def _number(limit: Any) -> int | float | Decimal:
    if isinstance(limit, bool) or not isinstance(limit, int | float | Decimal):
        raise TypeError("a number is needed")
    if math.isnan(limit):
        raise ValueError("NaN is not a limit")
    return limit


def _whole(limit: Any, *, lower: bool) -> pa.Scalar:
    # Rounded here, as Arrow compares int64 with a double only below 2**53.
    number = _number(limit)
    return pa.scalar(math.ceil(number) if lower else math.floor(number))


def _moment(values: pa.ChunkedArray, limit: Any) -> Limit:
    """A date means its whole day; a datetime is compared in UTC where the column has a zone."""
    if isinstance(limit, str):
        day = len(limit) == len("2021-01-31")
        limit = dt.date.fromisoformat(limit) if day else dt.datetime.fromisoformat(limit)
    if not isinstance(limit, dt.date):
        raise TypeError("a date or datetime is needed")
    kind = values.type
    zoned = pa.types.is_timestamp(kind) and kind.tz is not None
    if zoned:
        # A cast away from a zone gives the moment in UTC and needs no time zone database.
        values = pc.cast(values, pa.timestamp(kind.unit))
    if not isinstance(limit, dt.datetime):
        return Limit(view=pc.cast(values, pa.date32()), scalar=pa.scalar(limit))
    if limit.tzinfo is not None:
        if not zoned:
            raise TypeError("the limit has a time zone and the column has none")
        limit = limit.astimezone(dt.UTC).replace(tzinfo=None)
    if limit.year not in _NANOSECOND_YEARS and values.type == pa.timestamp("ns"):
        values = pc.cast(values, pa.timestamp("us"), safe=False)
    return Limit(view=values, scalar=pa.scalar(limit, pa.timestamp("us")))
