"""One thing, measured at several places in the same rounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.bench.samples import facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing, measured at each place in the same rounds.

    Attributes:
        name: What was measured.
        values: For each place one a round; without those that have no such thing.
        unit: Of the values.
    """

    name: str
    values: Mapping[str, Sequence[float]] = field(default_factory=dict)
    unit: str = "s"

    def ratios(self, one: str, other: str) -> list[float]:
        """One place's values as multiples of another's, of the same rounds."""
        if one not in self.values or other not in self.values:
            return []
        pairs = zip(self.values[one], self.values[other], strict=True)
        return [value / reference for value, reference in pairs]

    def facts(self) -> dict[str, Any]:
        """Medians and spreads, and all values, for JSON."""
        return {
            "name": self.name,
            "unit": self.unit,
            "values": {place: facts(values) for place, values in self.values.items()},
        }
