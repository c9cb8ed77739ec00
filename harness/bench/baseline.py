"""Figures beside those of an earlier run: what got worse by more than its noise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.bench.samples import Comparison

_LEAST = 0.02
"""The noise that is taken for granted, as a share: a few rounds may agree by chance."""


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A ratio of the earlier run.

    Attributes:
        median: Of all rounds.
        least: Of all rounds.
        most: Of all rounds.
    """

    median: float
    least: float
    most: float

    @property
    def limit(self) -> float:
        """What is above it lies above all rounds by more than these differ among themselves."""
        return self.most + max(self.most - self.least, _LEAST * self.median)


class Baseline:
    """An earlier run.

    Args:
        file: What ``--json`` wrote then.

    Raises:
        InputError: The file is none of these.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._ratios = _read(file)

    def worse(self, found: Sequence[Comparison]) -> list[str]:
        """The ratios that got worse: in each round, by more than their noise was.

        Args:
            found: What was measured now.

        Returns:
            A line for each.
        """
        lines = []
        for one in found:
            then = self._ratios.get((one.name, one.against))
            if then is not None and min(one.ratios) > then.limit:
                now = one.facts()["ratio"]["median"]
                lines.append(
                    f"{one.name}, against {one.against}: {now:.2f} times, it was {then.median:.2f}"
                    f" ({then.least:.2f} to {then.most:.2f})"
                )
        return lines

    def unknown(self, found: Sequence[Comparison]) -> list[str]:
        """Names of what was measured now and not then."""
        return [one.name for one in found if (one.name, one.against) not in self._ratios]


def _read(file: Path) -> Mapping[tuple[str, str], Ratio]:
    try:
        facts = json.loads(file.read_text("utf-8"))
        return {
            (one["name"], one["against"]): Ratio(
                **{name: float(one["ratio"][name]) for name in ("median", "least", "most")}
            )
            for one in facts["comparisons"]
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} has no figures to compare with",
            cause=str(error),
            remedy="name a file that `mage-harness bench --json FILE` wrote",
        ) from error
