"""A column of another type than the schema expects, explained by the values that it holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.explain.moments import shown_moment
from harness.expect.explain.pairs import UNITS
from harness.expect.layout import kind_of, plain
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

_KIND_OF_NAME = (
    ("whole", r"(big|small|tiny|byte)?int(eger)?|u?int\d+"),
    ("decimal", r"numeric|bignumeric|decimal\d*"),
    ("number", r"real|double( precision)?|float\d*|halffloat"),
    ("date", r"date|date32\[day\]|date64\[ms\]"),
    ("timestamp", r"timestamp.*|datetime"),
    ("boolean", r"bool(ean)?"),
    ("text", r"text|string|large_string|varchar|character( varying)?|char|uuid|json|jsonb"),
)
_WIDTHS = {"int2": 2, "smallint": 2, "int4": 4, "int": 4, "integer": 4, "int8": 8, "bigint": 8}
# Moments from 1990 to 2100 in each unit lie apart from those in all others.
_EARLIEST, _LATEST = 631_152_000, 4_102_444_800
_DAY = 86_400


def explained_type(expected: str, column: pa.ChunkedArray, *, found: str) -> str:
    """What a column of another type holds, or an empty string where its values do not tell.

    Args:
        expected: The name of the type that the schema expects.
        column: The values found.
        found: The name of the type found, in the service's own terms.
    """
    widths = [_WIDTHS.get(name.lower()) for name in (expected, found)]
    if widths[0] and widths[1] and widths[1] < widths[0] and found.lower() != "int":
        # Mage's exporter to PostgreSQL takes the narrowest type that holds the first run's values.
        most = 2 ** (8 * widths[1] - 1) - 1
        return (
            f"{found}: the column took its width from the first run's values; "
            f"a value past {most:,} will not fit"
        )
    values = plain(column)
    known = values.drop_null()
    words = next(_meanings(_kind_of_name(expected), values, known), "") if len(known) else ""
    return f"{expected} became {found}: {words}" if words else ""


def _kind_of_name(name: str) -> str:
    base = re.sub(r"\s*\(.*?\)", "", name.lower()).strip()
    return next((kind for kind, names in _KIND_OF_NAME if re.fullmatch(names, base)), "")


def _meanings(expected: str, values: pa.ChunkedArray, known: pa.ChunkedArray) -> Iterator[str]:
    found = kind_of(values.type)
    if expected in {"date", "timestamp"} and pa.types.is_integer(values.type):
        yield from _epochs(expected, known)
    if (expected, found) == ("date", "timestamp"):
        days = pc.cast(known, pa.date32(), safe=False)
        midnight = pc.all(pc.equal(days.cast(known.type), known)).as_py()
        yield "each at midnight" if midnight else "with times of day"
    if (expected, found) == ("timestamp", "date"):
        yield "the time of day is lost"
    if expected == "timestamp" and found == "timestamp":
        yield "its time zone differs" if values.type.tz else "without a time zone"
    if expected == "whole" and pa.types.is_floating(values.type):
        yield from _floats(values, known)
    if (expected, found) == ("boolean", "number") and _are_bits(known):
        yield "0 and 1"
    if expected == "decimal" and pa.types.is_floating(values.type):
        yield "doubles round what numbers with decimals keep"
    if expected not in {"text", ""} and found == "text":
        yield f"text such as {known[0].as_py()[:28]!r}"


def _are_bits(known: pa.ChunkedArray) -> bool:
    return bool(pc.all(pc.is_in(known, value_set=pa.array([0, 1]).cast(known.type))).as_py())


def _epochs(expected: str, known: pa.ChunkedArray) -> Iterator[str]:
    limits = pc.min_max(known)
    least, most = limits["min"].as_py(), limits["max"].as_py()
    if expected == "date" and least >= _EARLIEST // _DAY and most <= _LATEST // _DAY:
        ends = [shown_moment(pa.scalar(at, pa.int32()).cast(pa.date32())) for at in (least, most)]
        yield f"days since 1970-01-01, {ends[0]} to {ends[1]}"
    for unit, ticks in UNITS.items():
        if least >= _EARLIEST * ticks and most <= _LATEST * ticks:
            short = {"seconds": "s", "milliseconds": "ms", "microseconds": "us"}.get(unit, "ns")
            ends = [shown_moment(pa.scalar(at, pa.timestamp(short))) for at in (least, most)]
            yield f"{unit} since 1970-01-01, {ends[0]} to {ends[1]}"


def _floats(values: pa.ChunkedArray, known: pa.ChunkedArray) -> Iterator[str]:
    numbers = known.filter(pc.is_finite(known))
    if not pc.all(pc.equal(pc.trunc(numbers), numbers)).as_py():
        return
    empty = len(values) - len(numbers)
    beside = f" beside {counted(empty, 'null')}" if empty else ""
    yield (
        f"whole numbers{beside}: pandas keeps whole numbers as floats where a null is among them"
    )
