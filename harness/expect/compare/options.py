"""How two tables are to be compared, checked against the columns that they have."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from harness.errors import ExpectationError, InputError
from harness.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.expect.compare.changed import Tolerance
    from harness.expect.compare.side import Side

Tolerances: TypeAlias = "Tolerance | Mapping[str, Tolerance] | None"


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to compare.

    Attributes:
        key: Columns by which rows are matched; empty for none.
        ignoring: Columns that are left out.
        tolerance: By how much values may differ: for all columns, or by column.
        order: Whether rows must come in the same order.
        strict: Whether types must be the same, beyond their values.
    """

    key: tuple[str, ...] = ()
    ignoring: tuple[str, ...] = ()
    tolerance: Tolerances = None
    order: bool = False
    strict: bool = False

    def tolerance_of(self, column: str) -> Tolerance | None:
        """By how much values of a column may differ."""
        if isinstance(self.tolerance, Mapping):
            return self.tolerance.get(column)
        return self.tolerance


def options(
    *,
    key: str | Sequence[str] | None,
    ignoring: str | Iterable[str],
    tolerance: Tolerances,
    order: bool,
    strict: bool,
) -> Options:
    """What a test writes, made regular.

    Raises:
        InputError: A tolerance is none, or has nothing to match rows by.
    """
    made = Options(
        key=_names(key or ()),
        ignoring=_names(ignoring),
        tolerance=tolerance,
        order=order,
        strict=strict,
    )
    each = tolerance.values() if isinstance(tolerance, Mapping) else [tolerance]
    for one in each:
        if one is not None and not is_tolerance(one):
            raise InputError(
                f"a tolerance cannot be {one!r}",
                remedy="give a number from 0 on, a timedelta, or a dict of these by column",
            )
    if tolerance is not None and not (made.key or order):
        raise InputError(
            "equals() with a tolerance must know which rows belong together",
            remedy='give key="column", or order=True where the rows come in one order',
        )
    both = set(made.key) & set(made.ignoring)
    if both:
        raise InputError(
            f"equals() cannot match rows by what it ignores: {', '.join(both)}",
            remedy="take it out of key= or out of ignoring=",
        )
    return made


def check_names(chosen: Options, expected: Side, found: Side) -> None:
    """Refuse columns that are not there, and tables that have two of one name.

    Raises:
        InputError: They are not, or the expected table has.
        ExpectationError: The table found has.
    """
    for side, refusal in ((expected, InputError), (found, ExpectationError)):
        names = side.table.column_names
        missing = [name for name in chosen.key if name not in names]
        if missing:
            raise InputError(
                f"rows cannot be matched by {missing[0]}: {side.label} has no such column",
                evidence=_near(missing[0], names),
                remedy="give columns as key that both sides have",
            )
        left = [name for name in names if name not in chosen.ignoring]
        twice = dict.fromkeys(name for name in left if left.count(name) > 1)
        if twice:
            raise refusal(
                f"{side.label} has several columns of one name: {', '.join(twice)}",
                remedy="name them apart where they are written, or give ignoring=",
            )
    known = [*expected.table.column_names, *found.table.column_names]
    named = chosen.tolerance if isinstance(chosen.tolerance, Mapping) else ()
    for name in (*chosen.ignoring, *named):
        if name not in known:
            raise InputError(
                f"equals() names a column {name} that neither side has",
                evidence=_near(name, known),
                remedy="give columns in ignoring= and tolerance= that at least one side has",
            )


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _near(name: str, names: Sequence[str]) -> list[str]:
    near = nearest(name, names)
    return [f"nearest: {', '.join(near)}"] if near else [f"columns: {', '.join(names[:20])}"]


def is_tolerance(value: object) -> bool:
    """Whether values may differ by this much: a finite number from 0 on, or a timedelta.

    Args:
        value: What a test gives.
    """
    if isinstance(value, dt.timedelta):
        return value >= dt.timedelta(0)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return math.isfinite(value) and value >= 0
