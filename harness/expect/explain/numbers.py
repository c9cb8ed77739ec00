"""Numbers that became other numbers: narrowed, rounded, scaled."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.expect.explain.pairs import Pairs

_ENOUGH = 3
"""Pairs below which one ratio or distance between all of them may be chance."""
_DIGITS = 6
_LAST_DIGITS = 1e-12
_SAME = 1e-9


def of_numbers(pairs: Pairs) -> str:
    """``rounded to 2 digits behind the point``, ``each is 100 times what is expected``."""
    if pairs.differ:
        return pairs.first(_narrowed(pairs)) or _scaled(pairs)
    return _widened(pairs)


def _widened(pairs: Pairs) -> str:
    """The same numbers in another type."""
    e, f = pairs.e.type, pairs.f.type
    if e == f:
        return ""
    became = f"{pairs.expected} became {pairs.found}"
    if pa.types.is_integer(e) and pa.types.is_floating(f):
        return f"{became}: pandas keeps whole numbers as floats where a null is among them"
    if pa.types.is_decimal(e) and pa.types.is_floating(f):
        return f"{became}: the nearest doubles"
    if pa.types.is_integer(e) and pa.types.is_integer(f):
        return f"{became}: all values fit into {f.bit_width} bits"
    return became


def _narrowed(pairs: Pairs) -> Iterator[tuple[str, str]]:
    e, f = pairs.e.type, pairs.f.type
    if pa.types.is_floating(e) and pa.types.is_floating(f):
        yield "f = e::FLOAT", "cut to single precision (float32)"
        yield (
            f"f = e OR abs(f - e) <= {_LAST_DIGITS} * abs(e)",
            "they differ in the last digits of doubles only: give a tolerance",
        )
    if pa.types.is_integer(e) and pa.types.is_integer(f):
        for bits in (8, 16, 32):
            size, half = 2**bits, 2 ** (bits - 1)
            yield (
                f"f::HUGEINT = (e::HUGEINT % {size} + {size + half}) % {size} - {half}",
                f"wrapped to {bits} bits",
            )
        return
    yield "f = trunc(e)", "what is behind the point is lost"
    for digits in range(_DIGITS + 1):
        name = "whole numbers" if digits == 0 else f"{digits} digits behind the point"
        yield (
            f"f = round(e, {digits}) OR f = round_even(e::DOUBLE, {digits})",
            f"rounded to {name.replace('1 digits', '1 digit')}",
        )


def _scaled(pairs: Pairs) -> str:
    """All by the same factor or distance, where that cannot be chance."""
    rows = pairs.asked(
        "count(DISTINCT e), coalesce(bool_and(f = 0) FILTER (e = 0), true),"
        " min(f::DOUBLE / e::DOUBLE) FILTER (e <> 0), max(f::DOUBLE / e::DOUBLE) FILTER (e <> 0),"
        " min(f::DOUBLE - e::DOUBLE), max(f::DOUBLE - e::DOUBLE)"
    )
    if not rows or None in rows[0]:
        return ""
    distinct, zeros, *limits = rows[0]
    least, most, nearest, farthest = (float(str(limit)) for limit in limits)
    if not isinstance(distinct, int) or distinct < _ENOUGH:
        return ""
    if zeros and math.isclose(least, most, rel_tol=_SAME):
        times = f"each is {_short(least)} times what is expected"
        return "each has the other sign" if math.isclose(least, -1) else times
    if math.isclose(nearest, farthest, rel_tol=_SAME):
        return f"each is {_short(abs(nearest))} {'more' if nearest > 0 else 'less'} than expected"
    return ""


def _short(number: float) -> str:
    return f"{number:.10g}"
