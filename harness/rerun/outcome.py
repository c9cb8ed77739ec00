"""What running again has shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.rerun.difference import Difference


@dataclass(frozen=True, kw_only=True)
class Rerun:
    """One way in which a pipeline was run again.

    Attributes:
        how: What happened before, for example ``run twice``.
        differences: What differs from one undisturbed run.
        problems: Why the last run was no success.
    """

    how: str
    differences: tuple[Difference, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether it left the data of one undisturbed run."""
        return not self.differences and not self.problems


def told(rerun: Rerun) -> Iterator[str]:
    """What one way of running again has shown, as lines of plain text."""
    yield f"{rerun.how}:"
    for line in rerun.problems:
        yield f"  {line}"
    for difference in rerun.differences:
        yield from (f"  {line}" for line in difference.lines)
