"""Checks on the values of one column; only the sample that is shown leaves Arrow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import InputError
from harness.expect.engine import engine
from harness.expect.finding import Finding
from harness.expect.layout import plain
from harness.expect.limits import comparable
from harness.expect.sample import aligned, rows_at, shown_value
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from harness.expect.subject import Subject

_MOST = 10

# Each value with its first position and number, the most frequent first.
_GROUPS = """
    SELECT min(position), count(*) AS number, count(*) OVER (), sum(number) OVER ()
    FROM part WHERE value IS NOT NULL GROUP BY value HAVING count(*) >= ?
    ORDER BY number DESC, 1 LIMIT ?
"""


def no_nulls(subject: Subject, name: str) -> Finding | None:
    """Whether each row has a value."""
    column = plain(subject.table.column(name))
    mask = pc.is_null(column, nan_is_null=True)
    empty = pc.indices_nonzero(mask)
    if not len(empty):
        return None
    nan = len(empty) - column.null_count
    return Finding(
        about=subject.label,
        difference=f"expected no nulls in column {name}, found {_of(len(empty), column)}"
        + (f", {nan:,} of them NaN" if nan else ""),
        lines=tuple(rows_at(subject.table, empty, column=name)),
    )


def unique(subject: Subject, name: str) -> Finding | None:
    """Whether no value is there twice."""
    column = plain(subject.table.column(name))
    groups = _groups(column, at_least=2)
    if not groups:
        return None
    _, _, distinct, number = groups[0]
    return Finding(
        about=subject.label,
        difference=f"expected unique values in column {name}, found {distinct:,} more than once,"
        f" {counted(number - distinct, 'row')} too many of {len(column):,}",
        lines=tuple(frequencies(subject, name, groups)),
    )


def between(subject: Subject, name: str, *, low: Any, high: Any) -> Finding | None:
    """Whether all values are within limits."""
    if low is None and high is None:
        raise InputError("between() needs a limit", remedy="write .between(0, 10) or (0, None)")
    if _turned(low, high):
        raise InputError(
            f"between({low!r}, {high!r}) holds for no value", remedy="give the least first"
        )
    column = plain(subject.table.column(name))
    masks = {}
    for limit, lower, word in ((low, True, "below"), (high, False, "above")):
        if limit is not None and limit != (-math.inf if lower else math.inf):
            bound = comparable(column, limit, name=name, lower=lower)
            outside = pc.less if lower else pc.greater
            masks[word] = outside(bound.view, bound.scalar)
    if pa.types.is_floating(column.type):
        masks["NaN"] = pc.is_nan(column)
    numbers = {word: pc.sum(mask).as_py() or 0 for word, mask in masks.items()}
    if not any(numbers.values()):
        return None
    any_mask, *others = masks.values()
    for mask in others:
        any_mask = pc.or_(any_mask, mask)
    positions = pc.indices_nonzero(any_mask)
    least, most = _extremes(column)
    words = ", ".join(f"{number:,} {word}" for word, number in numbers.items() if number)
    wanted = f"from {'any' if low is None else low} to {'any' if high is None else high}"
    return Finding(
        about=subject.label,
        difference=f"expected values {wanted} in column {name},"
        f" found {shown_value(least)} to {shown_value(most)}:"
        f" {_of(len(positions), column)} outside ({words})",
        lines=tuple(rows_at(subject.table, positions, column=name)),
    )


def isin(subject: Subject, name: str, expected: Collection[Any]) -> Finding | None:
    """Whether there are no values but some."""
    column = plain(subject.table.column(name))
    if isinstance(expected, str | bytes):
        raise InputError(
            "isin() needs several values, not one text", remedy=f"write .isin([{expected!r}])"
        )
    try:
        allowed = pa.array([_texted(value) for value in expected], column.type)
    except (
        pa.ArrowInvalid,
        pa.ArrowTypeError,
        pa.ArrowNotImplementedError,
        OverflowError,
    ) as error:
        raise InputError(
            f"isin() of column {name}: these are no values of type {column.type}",
            cause=str(error),
            remedy="give values in the column's own type",
        ) from error
    other = pc.and_(pc.invert(pc.is_in(column, value_set=allowed)), pc.is_valid(column))
    positions = pc.indices_nonzero(other)
    if not len(positions):
        return None
    groups = _groups(column.take(positions), at_least=1)
    # From positions among the others to positions in the whole column.
    groups = [(positions[at].as_py(), *rest) for at, *rest in groups]
    return Finding(
        about=subject.label,
        difference=f"expected no values but {len(allowed):,} in column {name},"
        f" found {counted(groups[0][2], 'other')} in {_of(len(positions), column)}",
        lines=tuple(frequencies(subject, name, groups)),
    )


def _texted(value: Any) -> Any:
    """A uuid as its text, which columns of uuids are looked at as."""
    return str(value) if isinstance(value, UUID) else value


def matches(subject: Subject, name: str, pattern: str) -> Finding | None:
    """Whether all texts match a regular expression as a whole."""
    column = plain(subject.table.column(name))
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        raise InputError(
            f"column {name} is of type {column.type}, and only texts match a pattern",
            remedy="take .arrow() and cast it",
        )
    try:
        good = pc.match_substring_regex(column, f"^(?:{pattern})$")
    except pa.ArrowInvalid as error:
        raise InputError(f"{pattern!r} is no regular expression", cause=str(error)) from error
    positions = pc.indices_nonzero(pc.invert(good))
    if not len(positions):
        return None
    groups = _groups(column.take(positions), at_least=1)
    groups = [(positions[at].as_py(), *rest) for at, *rest in groups]
    return Finding(
        about=subject.label,
        difference=f"expected values that match {pattern} in column {name},"
        f" found {counted(groups[0][2], 'other')} in {_of(len(positions), column)}",
        lines=tuple(frequencies(subject, name, groups)),
        facts={"check": "matches", "column": name, "rows": len(positions)},
    )


def _of(number: int, column: pa.ChunkedArray) -> str:
    share = 100 * number / len(column)
    return f"{number:,} of {len(column):,} rows ({share:.2g} %)"


def _turned(low: Any, high: Any) -> bool:
    """Whether the least is more than the most; what cannot be compared here, the column judges."""
    try:
        return low is not None and high is not None and bool(low > high)
    except TypeError:
        return False


def _extremes(column: pa.ChunkedArray) -> tuple[pa.Scalar, pa.Scalar]:
    """The least and the most value."""
    kind = column.type
    # Arrow orders durations, and has no min_max of them.
    view = pc.cast(column, pa.int64()) if pa.types.is_duration(kind) else column
    extremes = pc.min_max(view)
    return extremes["min"].cast(kind), extremes["max"].cast(kind)


def _groups(column: pa.ChunkedArray, *, at_least: int) -> list[tuple[int, int, int, int]]:
    """Position, number, number of groups and of rows in groups, for each frequent value."""
    if pa.types.is_decimal256(column.type):
        # DuckDB has no decimals past 38 digits; the text of equal ones is equal.
        column = pc.cast(column, pa.string())
    ones = pa.repeat(pa.scalar(1), len(column))
    positions = pc.subtract(pc.cumulative_sum(ones), 1)
    with engine() as connection:
        connection.register("part", pa.table({"value": column, "position": positions}))
        return connection.execute(_GROUPS, [at_least, _MOST]).fetchall()


def frequencies(
    subject: Subject, name: str, groups: Sequence[tuple[int, int, int, int]]
) -> list[str]:
    """Lines that show values with their numbers.

    Args:
        subject: Where they are.
        name: Their column.
        groups: For each value the first position and the number of rows; then, each time, the
            number of values and of rows in all.
    """
    column = subject.table.column(name)
    lines = aligned(
        [name, "rows", "first row"],
        [[shown_value(column[at]), f"{number:,}", f"{at:,}"] for at, number, _, _ in groups],
    )
    if groups[0][2] > len(groups):
        lines.append(f"... and {groups[0][2] - len(groups):,} more values")
    return lines
