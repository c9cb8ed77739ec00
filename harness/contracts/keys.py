"""Which columns are unique together: asked of the rows, or looked for within bounds."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from harness.expect.groups import groups
from harness.expect.rules import is_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from harness.contracts.facts import SinkFacts

_MOST_IN_PAIRS = 8
_SAMPLE = 20_000


def doubled(facts: SinkFacts, names: Sequence[str]) -> int:
    """How many rows share their values in some columns with a row before them.

    Args:
        facts: What the sink holds.
        names: Columns of it.
    """
    return groups([facts.column(name).values for name in names]).surplus


def inferred(facts: SinkFacts, *, without: Collection[str]) -> tuple[str, ...]:
    """One column that is unique and without nulls, or else two, or nothing.

    Numbers with a point, booleans alone and nested values make no key. Two are looked for among
    the columns with the most different values only.

    Args:
        facts: What the sink holds.
        without: Columns that make no key: their values differ from run to run.
    """
    names = [
        name
        for name in facts.columns
        if name not in without and _fit(facts.column(name).kind) and not facts.column(name).nulls
    ]
    rows = facts.subject.rows
    if rows < 2 or not names:  # noqa: PLR2004 - a single row is unique by itself
        return ()
    numbers: dict[str, int] = {}
    for name in names:
        numbers[name] = pc.count_distinct(facts.column(name).values).as_py()
        if numbers[name] == rows:
            return (name,)
    richest = sorted(names, key=lambda name: -numbers[name])[:_MOST_IN_PAIRS]
    for one, other in combinations([name for name in names if name in richest], 2):
        if numbers[one] * numbers[other] >= rows and _unique(facts, one, other, rows):
            return (one, other)
    return ()


def _unique(facts: SinkFacts, one: str, other: str, rows: int) -> bool:
    """Whether two columns are unique together; what repeats among the first rows is not."""
    columns = [facts.column(name).values for name in (one, other)]
    return not any(
        groups([column.slice(0, number) for column in columns]).values
        for number in dict.fromkeys((min(rows, _SAMPLE), rows))
    )


def _fit(kind: pa.DataType) -> bool:
    kinds = (
        pa.types.is_integer,
        pa.types.is_decimal,
        pa.types.is_date,
        pa.types.is_timestamp,
        is_text,
    )
    return any(is_(kind) for is_ in kinds)
