"""The values of a column held to a contract."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from harness.contracts.counting import count_words, holds
from harness.contracts.difference import Difference
from harness.contracts.store import shown
from harness.contracts.values import allowed, limit
from harness.errors import InputError
from harness.expect import rules
from harness.expect.sample import shown_value
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.contracts.facts import ColumnFacts, SinkFacts
    from harness.contracts.model import ColumnRule
    from harness.contracts.reader import Document

    _Judge = Callable[[ColumnRule, ColumnFacts], tuple[str, str] | None]

_MOST = 3


def value_differences(
    document: Document, rule: ColumnRule, facts: SinkFacts, name: str
) -> Iterator[Difference]:
    """What is not as a contract says of a column's values.

    Args:
        document: The contract.
        rule: What it says.
        facts: What the sink holds.
        name: The column's name.

    Raises:
        CheckFailedError: The content cannot be read.
        InputError: A limit or a value does not fit the column.
    """
    for what, judge in _JUDGES.items():
        if getattr(rule, what) is None:
            continue
        way = (facts.service, facts.name, "columns", name, what)
        line = document.line(*way)
        try:
            found = judge(rule, facts.column(name))
        except InputError as error:
            raise InputError(
                f"{shown(document.file)}:{line}: {what} of column {name} cannot be asked",
                cause=": ".join(part for part in (error.symptom, error.cause) if part),
                remedy=error.remedy,
            ) from error
        if found is not None:
            expected, text = found
            yield Difference(
                service=facts.service,
                sink=facts.name,
                column=name,
                rule=what,
                expected=expected,
                found=text,
                line=line,
                way=way,
            )


def broken_rules(rule: ColumnRule, column: ColumnFacts) -> list[str]:
    """The rules on values that a column does not hold, or that do not fit its type.

    Args:
        rule: What a contract says.
        column: What the column holds.
    """
    return [
        what
        for what, judge in _JUDGES.items()
        if getattr(rule, what) is not None and not _is_held(judge, rule, column)
    ]


def _is_held(judge: _Judge, rule: ColumnRule, column: ColumnFacts) -> bool:
    try:
        return judge(rule, column) is None
    except InputError:
        return False


def _number(what: str, rule: ColumnRule, column: ColumnFacts) -> tuple[str, str] | None:
    wanted, found = getattr(rule, what), getattr(column, what)
    if holds(wanted, found, of=len(column.values)):
        return None
    return count_words(wanted, "row"), f"{found:,}"


def _between(rule: ColumnRule, column: ColumnFacts) -> tuple[str, str] | None:
    low, high = rule.between or (None, None)
    masks = rules.outside(
        column.values, low=_limit(column, low), high=_limit(column, high), name=column.name
    )
    numbers = {word: rules.number(mask) for word, mask in masks.items()}
    # How many may be NaN, which has no place in an order, is said by its own rule or by none.
    if rule.nan is not None:
        numbers.pop("NaN", None)
    outside, nan = sum(numbers.values()), numbers.get("NaN", 0)
    if not outside:
        return None
    if column.extremes is None:
        found = counted(outside, "row") + " outside"
    else:
        least, most = column.extremes
        found = f"{shown_value(least)} to {shown_value(most)}, {counted(outside, 'row')} outside"
    if nan:
        found += f" ({nan:,} NaN)"
    return f"{_shown(low)} to {_shown(high)}", found


def _limit(column: ColumnFacts, value: Any) -> Any:
    try:
        return limit(column.kind, value)
    except (ValueError, ArithmeticError) as error:
        raise InputError(f"{value!r} is no number") from error


def _isin(rule: ColumnRule, column: ColumnFacts) -> tuple[str, str] | None:
    values = rule.isin or ()
    other = column.values.filter(rules.others(column.values, allowed(column.kind, values)))
    if not len(other):
        return None
    distinct = pc.unique(other)
    shown = ", ".join(shown_value(value) for value in distinct[:_MOST])
    more = f" and {len(distinct) - _MOST:,} more" if len(distinct) > _MOST else ""
    return (
        ", ".join(map(_shown, values)) or "no value",
        f"{shown}{more} in {counted(len(other), 'row')}",
    )


def _lengths(rule: ColumnRule, column: ColumnFacts) -> tuple[str, str] | None:
    wanted = rule.lengths
    if column.lengths is None or wanted is None:
        raise InputError(f"values of type {column.kind} have no length")
    found = pc.min_max(column.lengths)
    least, most = found["min"].as_py(), found["max"].as_py()
    if least is None or (holds(wanted, least) and holds(wanted, most)):
        return None
    return count_words(wanted, "character"), f"{least:,} to {most:,}"


def _matches(rule: ColumnRule, column: ColumnFacts) -> tuple[str, str] | None:
    pattern = rule.matches or ""
    other = column.values.filter(rules.unlike(column.values, pattern, name=column.name))
    if not len(other):
        return None
    return pattern, f"{shown_value(other[0])} and its like in {counted(len(other), 'row')}"


def _shown(value: Any) -> str:
    return "any" if value is None else repr(value) if isinstance(value, str) else str(value)


_JUDGES: dict[str, _Judge] = {
    "nulls": partial(_number, "nulls"),
    "nan": partial(_number, "nan"),
    "between": _between,
    "isin": _isin,
    "lengths": _lengths,
    "matches": _matches,
}
