"""The type that holds the values of two types, part by part: nested values have several widths.

A cast to it rounds decimals to the nearest double where the other side has doubles, and nothing
else: Arrow refuses to round whole numbers, decimals and moments.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from harness.expect.layout import kind_of

_LONG = 38
"""Digits of the decimals that DuckDB holds."""
_WHOLE = 20
"""Digits that hold every whole number of 64 bits."""
_UNITS = ("s", "ms", "us", "ns")


def wider(first: pa.DataType, second: pa.DataType) -> pa.DataType | None:
    """A type for the values of both, or None where they are of other kinds.

    Args:
        first: The type of plain values, see ``harness.expect.layout.plain``.
        second: The other, of the same kind.
    """
    if first == second:
        return first
    if pa.types.is_list(first) and pa.types.is_list(second):
        part = wider(first.value_type, second.value_type)
        return None if part is None else pa.list_(part)
    if pa.types.is_struct(first) and pa.types.is_struct(second):
        return _struct(first, second)
    kinds = {kind_of(first), kind_of(second)}
    if kinds == {"number"}:
        return _number(first, second)
    if len(kinds) == 1 and kinds <= {"timestamp", "time", "duration"}:
        unit = max(first.unit, second.unit, key=_UNITS.index)
        return _moment(kinds.pop(), unit)
    return None


def _struct(first: pa.StructType, second: pa.StructType) -> pa.DataType | None:
    names = [field.name for field in first]
    if sorted(names) != sorted(field.name for field in second) or len({*names}) < len(names):
        return None
    parts = {name: wider(first.field(name).type, second.field(name).type) for name in names}
    if any(part is None for part in parts.values()):
        return None
    return pa.struct(list(parts.items()))


def _number(first: pa.DataType, second: pa.DataType) -> pa.DataType:
    both = (first, second)
    if any(pa.types.is_floating(one) for one in both):
        return pa.float64()
    if not any(pa.types.is_decimal(one) or pa.types.is_uint64(one) for one in both):
        return pa.int64()
    shapes = [
        (one.precision, one.scale) if pa.types.is_decimal(one) else (_WHOLE, 0) for one in both
    ]
    scale = max(scale for _, scale in shapes)
    digits = scale + max(digits - of for digits, of in shapes)
    return pa.decimal128(min(digits, _LONG), scale)


def _moment(kind: str, unit: Any) -> pa.DataType:
    if kind == "timestamp":
        # Those with a zone are kept in UTC.
        return pa.timestamp(unit)
    if kind == "duration":
        return pa.duration(unit)
    return pa.time64(unit if unit in ("us", "ns") else "us")
