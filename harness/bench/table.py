"""Comparisons as a table for the terminal."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from rich.table import Table

from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bench.samples import Comparison


def table_of(found: Sequence[Comparison], *, rounds: int) -> Table:
    """A row for each comparison.

    Args:
        found: What was measured.
        rounds: In how many rounds.
    """
    table = Table(
        title=f"Medians of {counted(rounds, 'round')}, in brackets the least and the most",
        caption="Difference and ratio are taken within each round.",
    )
    for heading in ("measured", "against", "value", "reference", "difference", "ratio", "goal"):
        table.add_column(heading, justify="left" if heading in {"measured", "against"} else "right")
    for one in found:
        table.add_row(
            one.name,
            one.against,
            _spread(one.values, one.unit),
            _spread(one.references, one.unit),
            _spread(one.differences, one.unit),
            _spread(one.ratios, "x"),
            _goal(one),
        )
    return table


def _spread(values: Sequence[float], unit: str) -> str:
    form = "{:.0f}" if unit == "MB" else "{:.2f}"
    middle, least, most = (form.format(each) for each in (median(values), min(values), max(values)))
    return f"{middle} {unit} ({least} to {most})"


def _goal(one: Comparison) -> str:
    if one.met is None:
        return ""
    goal = f"{one.goal} {one.unit}" if one.ratio_goal is None else f"{one.ratio_goal} x"
    return f"{goal}, {'met' if one.met else 'missed'}"
