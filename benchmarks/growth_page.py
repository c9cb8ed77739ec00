"""The tables of docs/growth.md, each between its markers; what stands around them is kept."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from growth_series import MEGABYTES, unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from growth_series import Series


def with_table(page: str, axis: str, series: Series, machine: Mapping[str, object]) -> str:
    """A page with new figures of an axis.

    Args:
        page: The page as it is.
        axis: Whose table is replaced.
        series: Its figures.
        machine: What they were measured on.

    Raises:
        RuntimeError: The page has no place for it.
    """
    begin, end = f"<!-- {axis}: begin -->", f"<!-- {axis}: end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(page):
        raise RuntimeError(f"the page has no place for {axis}: {begin} ... {end}")
    told = "Measured on: " + " · ".join(f"{key}: {value}" for key, value in machine.items())
    return pattern.sub(lambda _: f"{begin}\n{_table(axis, series)}\n\n{told}\n{end}", page)


def _table(axis: str, series: Series) -> str:
    sizes = sorted({size for values in series.values.values() for size in values})
    heads = [axis, *(f"{size:,}" for size in sizes), "per unit", "last step"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name in series.values:
        medians = series.medians(name)
        shown = [_shown(medians.get(size), unit_of(name)) for size in sizes]
        lines.append(f"| {' | '.join([name, *shown, _per_unit(medians), _step(medians)])} |")
    return "\n".join(lines)


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if unit == MEGABYTES else f"{value:.3g}" if value < 1 else f"{value:.2f}"


def _per_unit(medians: Mapping[int, float]) -> str:
    """What a unit costs at the largest size, as a multiple of what it costs at the smallest."""
    (least, first), (most, last) = min(medians.items()), max(medians.items())
    return f"{(last / most) / (first / least):.2g}" if first > 0 and most > least else ""


def _step(medians: Mapping[int, float]) -> str:
    """The exponent of the last step: 1 where the cost grows as the work does, 2 as its square."""
    steps = list(pairwise(sorted(medians.items())))
    if not steps:
        return ""
    (size, cost), (larger, more) = steps[-1]
    return f"{math.log(more / cost) / math.log(larger / size):.2f}" if min(cost, more) > 0 else ""
