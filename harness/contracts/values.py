"""Values as a contract writes them, and back.

JSON's numbers end where doubles do, and it has no moments: decimals, dates and times are text.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_MICRO = 1_000


def written(value: pa.Scalar[Any], *, lower: bool = True) -> bool | int | float | str | None:
    """A value as it stands in a contract; None where no contract can say it.

    Args:
        value: A value, no null.
        lower: Whether it is a lower limit: nanoseconds, which no text of a moment here has, are
            rounded outwards.
    """
    kind = value.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        whole = value.value // _MICRO if lower else -(-value.value // _MICRO)
        value = pa.scalar(whole, pa.timestamp("us", tz=kind.tz))
    elif pa.types.is_time64(kind) and kind.unit == "ns":
        value = pa.scalar(value.value // _MICRO, pa.time64("us"))
    try:
        plain = value.as_py()
    except (ValueError, OverflowError):
        # A year that Python does not know.
        return None
    if isinstance(plain, float) and not math.isfinite(plain):
        return "Infinity" if plain > 0 else "-Infinity"
    if isinstance(plain, Decimal):
        return format(plain, "f")
    if isinstance(plain, dt.datetime):
        return plain.isoformat(sep=" ")
    if isinstance(plain, dt.date | dt.time):
        return plain.isoformat()
    return plain if isinstance(plain, bool | int | float | str) else None


def limit(kind: pa.DataType, value: Any) -> Any:
    """A limit of a contract as ``harness.expect.limits.comparable`` takes it.

    Args:
        kind: The column's type.
        value: What the contract says.
    """
    if isinstance(value, str):
        if pa.types.is_floating(kind):
            return float(value)
        if pa.types.is_decimal(kind) or pa.types.is_integer(kind):
            return Decimal(value)
    return value


def allowed(kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """Values of a contract in a column's type.

    Args:
        kind: The column's type.
        values: What the contract says.

    Raises:
        InputError: They are no values of this type.
    """
    try:
        if any(isinstance(value, str) for value in values):
            return pa.array([_text(value) for value in values], pa.string()).cast(kind)
        return pa.array(list(values), kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"these are no values of type {kind}",
            cause=str(error).partition("\n")[0],
            remedy="give values in the column's own type",
        ) from error


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)
