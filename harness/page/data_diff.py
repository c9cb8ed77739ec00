"""What a block handed on then and now: schema, statistics and first rows, as far as they differ."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from harness.page import limits
from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.page.kept import KeptColumn, KeptOutput

Cell = tuple[str | None, bool]
"""What stands in it, and whether it differs."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something then and now, in words; ``note`` says what else differs."""

    name: str
    then: str
    now: str
    differs: bool = False
    note: str = ""

    @classmethod
    def of(cls, name: str, then: str, now: str) -> Fact:
        """A fact that differs where its words do.

        Args:
            name: What it is.
            then: What it was.
            now: What it is now.
        """
        return cls(name=name, then=then, now=now, differs=then != now)


@dataclass(frozen=True, kw_only=True)
class Head:
    """The first rows of one of both."""

    shown: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, kw_only=True)
class OutputPair:
    """An output that differs.

    Attributes:
        name: Such as ``output_0``.
        facts: What differs: rows, columns, statistics.
        then: Its first rows then; None where those are the same.
        now: The same now.
    """

    name: str
    facts: tuple[Fact, ...]
    then: Head | None = None
    now: Head | None = None


def outputs_of(
    then: Sequence[KeptOutput] | None, now: Sequence[KeptOutput] | None
) -> Iterator[OutputPair]:
    """The outputs of a block that differ; none where those of then or now are not known.

    Args:
        then: Those of the earlier run.
        now: Those of the later one.
    """
    if then is None or now is None:
        return
    before, after = ({one.name: one for one in found} for found in (then, now))
    for name in dict.fromkeys((*after, *before)):
        pair = _pair(name, before.get(name), after.get(name))
        if pair is not None:
            yield pair


def columns_of(then: Iterable[KeptColumn], now: Iterable[KeptColumn]) -> Iterator[Fact]:
    """The types of columns, in the order of now; an empty word for one that is not there.

    Args:
        then: Those of the earlier run.
        now: Those of the later one.
    """
    before, after = ({one.name: one.type for one in found} for found in (then, now))
    for name in dict.fromkeys((*after, *before)):
        yield Fact.of(name, before.get(name, ""), after.get(name, ""))


def _pair(name: str, then: KeptOutput | None, now: KeptOutput | None) -> OutputPair | None:
    if then is None or now is None:
        sizes = ("not there" if one is None else _size(one) for one in (then, now))
        return OutputPair(name=name, facts=(Fact.of(name, *sizes),))
    facts = tuple(one for one in _facts(then, now) if one.differs)
    rows_differ = (then.shown, then.head) != (now.shown, now.head)
    if not (facts or rows_differ):
        return None
    return OutputPair(
        name=name,
        facts=facts,
        then=_head(then, now) if rows_differ else None,
        now=_head(now, then) if rows_differ else None,
    )


def _facts(then: KeptOutput, now: KeptOutput) -> Iterator[Fact]:
    yield Fact.of("size", _size(then), _size(now))
    yield Fact.of("value", then.value, now.value)
    for fact in columns_of(then.columns, now.columns):
        yield Fact.of(
            f"type of {fact.name}", fact.then or "no such column", fact.now or "no such column"
        )
    before = {one.name: one for one in then.columns}
    for other in now.columns:
        one = before.get(other.name)
        if one is not None and one.type == other.type:
            yield Fact.of(f"values of {other.name}", _values(one), _values(other))


def _size(output: KeptOutput) -> str:
    return "no table" if output.rows is None else counted(output.rows, "row")


def _values(column: KeptColumn) -> str:
    """The statistics that are the same wherever the values are; distinct ones are estimated."""
    told = [
        counted(column.nulls, "null") if column.nulls is not None else "",
        f"from {column.low} to {column.high}" if column.low or column.high else "",
        f"mean {column.mean}" if column.mean else "",
    ]
    return ", ".join(filter(None, told))


def _head(own: KeptOutput, other: KeptOutput) -> Head:
    """First rows; a cell differs where the same column of the same row has another value."""
    places = {name: at for at, name in enumerate(other.shown)}
    rows = tuple(
        tuple(
            (cell, beside is None or _at(beside, places.get(name)) != (cell,))
            for name, cell in zip(own.shown, row, strict=False)
        )
        for row, beside in zip_longest(own.head[: limits.ROWS], other.head[: len(own.head)])
        if row is not None
    )
    return Head(shown=own.shown, rows=rows)


def _at(row: Sequence[str | None], place: int | None) -> tuple[str | None, ...]:
    return () if place is None else tuple(row[place : place + 1])
