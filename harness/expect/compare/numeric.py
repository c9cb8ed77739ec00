"""PostgreSQL's NUMERIC with NaN or infinity, which comes as text, compared with all its digits."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.compare.common import Half

_DIGITS = 76
"""Those of the longest decimals of Arrow."""
_WHOLE = pa.decimal128(20, 0)
"""Holds every whole number of 64 bits."""


def is_exact(kind: pa.DataType) -> bool:
    """Whether a type holds numbers without rounding them.

    Args:
        kind: A type of Arrow's.
    """
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def numerics(expected: pa.ChunkedArray, found: pa.ChunkedArray) -> tuple[Half, Half] | None:
    """Both columns as texts that are equal where the numbers are.

    Args:
        expected: NUMERIC as text, or numbers of an exact type.
        found: The other.

    Returns:
        None where a number has more digits than can be compared.
    """
    wanted = pa.decimal256(_DIGITS, max(_scale(expected), _scale(found)))
    try:
        return Half(values=_texts(expected, wanted)), Half(values=_texts(found, wanted))
    except pa.ArrowInvalid:
        return None


def _scale(column: pa.ChunkedArray) -> int:
    if pa.types.is_decimal(column.type):
        return max(int(column.type.scale), 0)
    if pa.types.is_integer(column.type):
        return 0
    behind_the_point = pc.replace_substring_regex(column, r"^[^.]*\.?", "")
    return min(pc.max(pc.utf8_length(behind_the_point)).as_py() or 0, _DIGITS)


def _texts(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    """Of one scale, equal numbers have one text; NaN and infinity have their own."""
    if pa.types.is_integer(column.type):
        column = column.cast(_WHOLE)
    if pa.types.is_decimal(column.type):
        return column.cast(wanted).cast(pa.string())
    named = pc.match_substring(column, "n", ignore_case=True)
    numbers = pc.if_else(named, pa.scalar(None, column.type), column)
    return pc.if_else(named, column, numbers.cast(wanted).cast(pa.string()))
