"""Two columns of one kind in one type, so that equal values are equal and no others.

The same value in another type is the same: a number of any width or scale, a moment of any unit
or time zone (one without a zone is taken to be in UTC), a text in any layout. What a type cannot
hold is never rounded until it fits: such rows are *odd*, equal to none of the other side.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.compare.wider import wider
from harness.expect.layout import kind_of, plain

_LONG = 38
"""Digits of the decimals that DuckDB and Arrow's decimal128 hold."""


@dataclass(frozen=True, kw_only=True)
class Half:
    """A column as it is compared.

    Attributes:
        values: In the common type.
        odd: Rows that equal no value of the other side; None where there are none.
    """

    values: pa.ChunkedArray
    odd: pa.ChunkedArray | None = None

    def take(self, positions: pa.Array) -> Half:
        """Some rows, in the order of their positions."""
        return Half(
            values=self.values.take(positions),
            odd=None if self.odd is None else self.odd.take(positions),
        )


def common(
    expected: pa.ChunkedArray, found: pa.ChunkedArray, *, tolerant: bool = False
) -> tuple[Half, Half] | None:
    """Both columns in one type, or None where they hold values of another kind.

    Args:
        expected: A column, of any length.
        found: The other.
        tolerant: Whether numbers are to be subtracted rather than compared exactly.
    """
    expected, found = plain(expected), plain(found)
    kinds = kind_of(expected.type), kind_of(found.type)
    if "null" in kinds:
        wanted = found.type if kinds[0] == "null" else expected.type
        return Half(values=expected.cast(wanted)), Half(values=found.cast(wanted))
    if kinds[0] != kinds[1]:
        return None
    if kinds[0] == "number":
        return _numbers(expected, found, tolerant=tolerant)
    if kinds[0] in {"timestamp", "time", "duration"}:
        return _units(_timed(expected), _timed(found))
    return _widened(expected, found)


def _widened(expected: pa.ChunkedArray, found: pa.ChunkedArray) -> tuple[Half, Half] | None:
    wanted = wider(expected.type, found.type)
    if wanted is None:
        return None
    try:
        return Half(values=expected.cast(wanted)), Half(values=found.cast(wanted))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        # Arrow rounds no whole number, decimal or moment until it fits.
        return None


def _numbers(
    expected: pa.ChunkedArray, found: pa.ChunkedArray, *, tolerant: bool
) -> tuple[Half, Half]:
    floating = [pa.types.is_floating(column.type) for column in (expected, found)]
    decimal = [pa.types.is_decimal(column.type) for column in (expected, found)]
    if all(floating) or (any(floating) and (any(decimal) or tolerant)):
        # A decimal equals the double that is nearest to it.
        return tuple(Half(values=_double(column)) for column in (expected, found))  # type: ignore[return-value]
    if any(floating):
        whole, broken = (found, expected) if floating[0] else (expected, found)
        halves = Half(values=pc.cast(whole, pa.int64(), safe=False)), _whole_numbers(broken)
        return (halves[1], halves[0]) if floating[0] else halves
    if not any(decimal) and not any(pa.types.is_uint64(one.type) for one in (expected, found)):
        return Half(values=expected.cast(pa.int64())), Half(values=found.cast(pa.int64()))
    return _decimals(expected, found, tolerant=tolerant)


def _double(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(column, pa.float64(), safe=False)


def _whole_numbers(column: pa.ChunkedArray) -> Half:
    """Floats as int64, exactly: Arrow and DuckDB would make doubles of whole numbers past 2**53."""
    column = _double(column)
    limit = float(2**63)
    fits = pc.and_(pc.greater_equal(column, -limit), pc.less(column, limit))
    fits = pc.and_(fits, pc.equal(pc.trunc(column), column))
    whole = pc.cast(pc.if_else(fits, column, 0.0), pa.int64())
    return Half(values=whole, odd=pc.fill_null(pc.invert(fits), fill_value=False))


def _decimals(
    expected: pa.ChunkedArray, found: pa.ChunkedArray, *, tolerant: bool
) -> tuple[Half, Half]:
    shapes = [_shape(column.type) for column in (expected, found)]
    scale = max(scale for _, scale in shapes)
    precision = scale + max(digits - of for digits, of in shapes)
    if precision >= _LONG and tolerant:
        # Their difference may have more digits than DuckDB holds.
        return Half(values=_double(expected)), Half(values=_double(found))
    if precision <= _LONG:
        wanted = pa.decimal128(precision, scale)
        return Half(values=expected.cast(wanted)), Half(values=found.cast(wanted))
    # Of one scale, equal numbers have one text.
    wanted = pa.decimal256(min(precision, 76), scale)
    texts = [pc.cast(_in_decimals(column, wanted), pa.string()) for column in (expected, found)]
    return Half(values=texts[0]), Half(values=texts[1])


def _in_decimals(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_integer(column.type):
        column = column.cast(pa.decimal128(*_shape(column.type)))
    try:
        return column.cast(wanted)
    except pa.ArrowInvalid:
        return column


def _shape(kind: pa.DataType) -> tuple[int, int]:
    """Digits and scale; 20 digits hold every whole number of 64 bits."""
    return (kind.precision, kind.scale) if pa.types.is_decimal(kind) else (20, 0)


def _timed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Moments in UTC, and times of day in 64 bits."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp(column.type.unit))
    return column.cast(pa.time64("us")) if pa.types.is_time32(column.type) else column


def _units(expected: pa.ChunkedArray, found: pa.ChunkedArray) -> tuple[Half, Half] | None:
    """In microseconds; nanoseconds that are none are odd, unless both sides have nanoseconds."""
    if expected.type == found.type:
        return Half(values=expected), Half(values=found)
    try:
        return _micros(expected), _micros(found)
    except pa.ArrowInvalid:
        return None


def _micros(column: pa.ChunkedArray) -> Half:
    wanted = next(
        make("us")
        for is_one, make in (
            (pa.types.is_timestamp, pa.timestamp),
            (pa.types.is_time, pa.time64),
            (pa.types.is_duration, pa.duration),
        )
        if is_one(column.type)
    )
    if column.type.unit != "ns":
        return Half(values=column.cast(wanted))
    nanos = column.cast(pa.int64())
    cut = pc.cast(column, wanted, safe=False)
    odd = pc.not_equal(pc.multiply(pc.divide(nanos, 1000), 1000), nanos)
    return Half(values=cut, odd=pc.fill_null(odd, fill_value=False))
