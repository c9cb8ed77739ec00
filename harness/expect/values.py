"""Checks on the values of one column; only the sample that is shown leaves Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import InputError
from harness.expect import rules
from harness.expect.finding import Finding
from harness.expect.groups import groups
from harness.expect.layout import plain
from harness.expect.sample import aligned, rows_at, shown_value
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from harness.expect.groups import Groups
    from harness.expect.subject import Subject

_MOST = 10


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
    found = groups([column], among=pc.is_valid(column), most=_MOST)
    if not found.values:
        return None
    return Finding(
        about=subject.label,
        difference=f"expected unique values in column {name}, found {found.values:,} more than"
        f" once, {counted(found.surplus, 'row')} too many of {len(column):,}",
        lines=tuple(frequencies(subject, name, found)),
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
    masks = rules.outside(column, low=low, high=high, name=name)
    numbers = {word: rules.number(mask) for word, mask in masks.items()}
    if not any(numbers.values()):
        return None
    any_mask, *others = masks.values()
    for mask in others:
        any_mask = pc.or_(any_mask, mask)
    positions = pc.indices_nonzero(any_mask)
    least, most = rules.extremes(column)
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
    return _others(
        subject,
        name,
        rules.others(column, allowed),
        expected=f"no values but {len(allowed):,}",
    )


def _texted(value: Any) -> Any:
    """A uuid as its text, which columns of uuids are looked at as."""
    return str(value) if isinstance(value, UUID) else value


def matches(subject: Subject, name: str, pattern: str) -> Finding | None:
    """Whether all texts match a regular expression as a whole."""
    column = plain(subject.table.column(name))
    return _others(
        subject,
        name,
        rules.unlike(column, pattern, name=name),
        expected=f"values that match {pattern}",
        facts={"check": "matches", "column": name},
    )


def _others(
    subject: Subject,
    name: str,
    mask: pa.ChunkedArray,
    *,
    expected: str,
    facts: Mapping[str, Any] | None = None,
) -> Finding | None:
    """Values that should not be there, the most frequent first."""
    column = plain(subject.table.column(name))
    found = groups([column], among=mask, at_least=1, most=_MOST)
    if not found.values:
        return None
    return Finding(
        about=subject.label,
        difference=f"expected {expected} in column {name},"
        f" found {counted(found.values, 'other')} in {_of(found.rows, column)}",
        lines=tuple(frequencies(subject, name, found)),
        facts={**facts, "rows": found.rows} if facts else {},
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


def frequencies(subject: Subject, name: str, found: Groups) -> list[str]:
    """Lines that show values with their numbers.

    Args:
        subject: Where they are.
        name: Their column.
        found: Values, and the rows that have them.
    """
    column = subject.table.column(name)
    lines = aligned(
        [name, "rows", "first row"],
        [[shown_value(column[at]), f"{number:,}", f"{at:,}"] for at, number in found.first],
    )
    if found.values > len(found.first):
        lines.append(f"... and {found.values - len(found.first):,} more values")
    return lines
