"""The search: halve what is not judged yet between the last good and the first bad one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """What is found of one candidate."""

    GOOD = "good"
    BAD = "bad"
    SKIPPED = "skipped"


@dataclass(kw_only=True)
class Search:
    """A binary search over candidates by their number, of which some cannot be judged.

    The first is known to be good and the last to be bad. Each verdict but ``skipped`` halves what
    is left, so that there are at most ``bit_length`` of it more, besides the skipped ones.

    Attributes:
        good: The last number known to be good.
        bad: The first number known to be bad.
        skipped: Numbers that cannot be judged.
    """

    good: int
    bad: int
    skipped: set[int] = field(default_factory=set)

    @property
    def left(self) -> list[int]:
        """The numbers that are still to be judged."""
        return [at for at in range(self.good + 1, self.bad) if at not in self.skipped]

    @property
    def steps(self) -> int:
        """How many verdicts it takes at the most, if none is ``skipped``."""
        return len(self.left).bit_length()

    @property
    def suspects(self) -> range:
        """The numbers of which one is the first bad one; only one, where the search has found it.

        Where there are more, all but the last were skipped.
        """
        return range(self.good + 1, self.bad + 1)

    def following(self) -> int | None:
        """The number to judge next; None at the end."""
        left = self.left
        return left[len(left) // 2] if left else None

    def judged(self, at: int, verdict: Verdict) -> None:
        """Take in what was found of a number.

        Args:
            at: The number, one of ``left``.
            verdict: What was found.
        """
        if verdict is Verdict.GOOD:
            self.good = at
        elif verdict is Verdict.BAD:
            self.bad = at
        else:
            self.skipped.add(at)
