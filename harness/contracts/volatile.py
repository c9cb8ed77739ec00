"""What differs between two runs over the same input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from harness.contracts.frames import loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.contracts.facts import SinkFacts


@dataclass(frozen=True, kw_only=True)
class Trace:
    """What is remembered of a sink of the first run.

    Attributes:
        rows: Number of rows; None where the content is not tabular.
        partitions: Rows by partition.
        columns: Type and fingerprint of the values of each column, whatever their order.
    """

    rows: int | None
    partitions: Mapping[str, int]
    columns: Mapping[str, tuple[str, object]]


def trace(facts: SinkFacts) -> Trace:
    """Remember a sink.

    Args:
        facts: What it holds.
    """
    prints = _prints(facts)
    return Trace(
        rows=facts.sink.rows,
        partitions=facts.partitions,
        columns={name: (column.type, prints.get(name)) for name, column in facts.columns.items()},
    )


@dataclass(frozen=True, kw_only=True)
class Unsteady:
    """What of a sink differs from run to run.

    Attributes:
        rows: Whether the number of rows does.
        partitions: Whether the partitions do.
        columns: The columns whose values do.
        kinds: The columns whose type does, or that only one of the runs wrote.
    """

    rows: bool = False
    partitions: bool = False
    columns: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


def unsteady(before: Trace, facts: SinkFacts) -> Unsteady:
    """Compare the first run's sink with the second's.

    Args:
        before: What the first run wrote.
        facts: What the second run wrote.
    """
    now = trace(facts)
    names = before.columns.keys() | now.columns.keys()
    kinds = {
        name
        for name in names
        if before.columns.get(name, ("",))[0] != now.columns.get(name, ("",))[0]
    }
    return Unsteady(
        rows=before.rows != now.rows,
        partitions=before.partitions != now.partitions,
        columns=frozenset(
            name for name in names - kinds if before.columns[name] != now.columns[name]
        ),
        kinds=frozenset(kinds),
    )


def _prints(facts: SinkFacts) -> dict[str, object]:
    if not facts.is_table or not facts.columns:
        return {}
    names = list(facts.columns)
    columns = [facts.column(name).values for name in names]
    with loaded(columns) as part:
        sums = ", ".join(
            f"sum(hash({_told(f'c{at}', column)})::HUGEINT)" for at, column in enumerate(columns)
        )
        found = part.execute(f"SELECT {sums} FROM part").fetchone() or ()  # noqa: S608
    return dict(zip(names, found, strict=True))


def _told(name: str, column: pa.ChunkedArray) -> str:
    """What is hashed: DuckDB has one hash for a null, an empty list and a list of nulls."""
    return f"coalesce({name}::VARCHAR, '')" if pa.types.is_nested(column.type) else name
