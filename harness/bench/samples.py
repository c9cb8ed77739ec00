"""Rounds of measurements, and two things of the same rounds set against each other."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

Task = Callable[[], Mapping[str, float]]
"""Measures once: values by name, in seconds or megabytes."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One thing as a multiple of another.

    Attributes:
        name: What was measured.
        against: What it is set against.
        values: One a round.
        references: One a round, of the same rounds.
        unit: Of both.
        goal: What a value is to be at the most, in the unit; None for nothing.
        ratio_goal: What a ratio is to be at the most; None for nothing.
    """

    name: str
    against: str
    values: Sequence[float]
    references: Sequence[float]
    unit: str = "s"
    goal: float | None = None
    ratio_goal: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the median is within the goal; None where there is none."""
        if self.ratio_goal is not None:
            return median(self.ratios) <= self.ratio_goal
        return None if self.goal is None else median(self.values) <= self.goal

    @property
    def ratios(self) -> list[float]:
        """One a round: what slows a round down slows both down."""
        return [value / other for value, other in zip(self.values, self.references, strict=True)]

    @property
    def differences(self) -> list[float]:
        """One a round, in the unit."""
        return [value - other for value, other in zip(self.values, self.references, strict=True)]

    def facts(self) -> dict[str, Any]:
        """Medians and spreads, and all values, for JSON."""
        return {
            "name": self.name,
            "against": self.against,
            "unit": self.unit,
            "value": facts(self.values),
            "reference": facts(self.references),
            "ratio": facts(self.ratios),
            "difference": facts(self.differences),
            "goal": self.goal,
            "ratio_goal": self.ratio_goal,
            "met": self.met,
        }


@contextmanager
def stopwatch(found: dict[str, float], name: str) -> Iterator[None]:
    """Put the seconds that the block takes into ``found``."""
    began = time.perf_counter()
    yield
    found[name] = time.perf_counter() - began


def rounds(
    tasks: Sequence[Task], *, count: int, progress: Callable[[str], None], doing: str
) -> dict[str, list[float]]:
    """Carry out all tasks in each round.

    A first round warms up what is cached and is not counted. Every second one goes backwards, so
    that no task always has the place after another.

    Args:
        tasks: What to carry out.
        count: Rounds that are counted.
        progress: Told in a line what is being done.
        doing: What the rounds are about.
    """
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(count + 1):
        progress(f"{doing}: " + (f"round {number} of {count}" if number else "warming up"))
        for task in tasks if number % 2 else tuple(reversed(tasks)):
            values = task()
            if number:
                for name, value in values.items():
                    found[name].append(value)
    return dict(found)


def facts(values: Sequence[float]) -> dict[str, float | list[float]]:
    """Median, spread and all values, for JSON."""
    return {
        "median": round(median(values), 4),
        "least": round(min(values), 4),
        "most": round(max(values), 4),
        "all": [round(value, 4) for value in values],
    }
