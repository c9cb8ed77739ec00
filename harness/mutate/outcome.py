"""What became of each mutant, and what that says of the expectations."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from harness.mutate.change import Mutant

KILLED, SURVIVED, SAME, LATE, UNREACHED, UNRECORDED = (
    "killed",
    "survived",
    "no difference",
    "timed out",
    "not covered",
    "no recording",
)
STATUSES = (KILLED, LATE, SURVIVED, SAME, UNREACHED, UNRECORDED)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a mutant.

    Attributes:
        mutant: The change.
        status: One of ``STATUSES``. ``no difference`` is a run that left the same data: nothing
            could have been noticed in it. ``no recording`` is one that asked for a URL that the
            unchanged run does not: who would have noticed its answer is not known.
        by: What noticed it, for one that was killed; the URL, for one without a recording.
        seconds: How long that took.
        differences: How its data differs from that of the unchanged pipeline.
        proposals: Lines of a test that would have noticed.
    """

    mutant: Mutant
    status: str
    by: str = ""
    seconds: float = 0.0
    differences: tuple[str, ...] = ()
    proposals: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain facts."""
        return {
            "file": str(self.mutant.file),
            "line": self.mutant.line,
            "block": self.mutant.block,
            "operator": self.mutant.operator,
            "what": self.mutant.what,
            "status": self.status,
            "by": self.by,
            "seconds": round(self.seconds, 3),
            "diff": self.mutant.diff(),
            "differences": list(self.differences),
            "proposals": list(self.proposals),
        }


@dataclass(frozen=True, kw_only=True)
class MutationReport:
    """What is known of a pipeline's mutants.

    Attributes:
        pipeline: The pipeline's uuid.
        project: The project's folder.
        mutants: How many there are to try.
        outcomes: What became of those that were tried.
        notes: What a reader should know of how they were tried.
        contract: The contract that runs were held to; empty where there is none.
    """

    pipeline: str
    project: Path
    mutants: int
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()
    contract: str = ""

    @property
    def survivors(self) -> tuple[Outcome, ...]:
        """Those that changed data, which nobody noticed."""
        return tuple(one for one in self.outcomes if one.status == SURVIVED)

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each status."""
        counter = Counter(one.status for one in self.outcomes)
        return {status: counter[status] for status in STATUSES}

    @property
    def score(self) -> float | None:
        """Percent of those that could have been noticed which were; None where none could."""
        counts = self.counts
        noticed = counts[KILLED] + counts[LATE]
        able = noticed + counts[SURVIVED]
        return 100 * noticed / able if able else None

    def passes(self, fail_under: float | None = None) -> bool:
        """Whether enough was noticed.

        Args:
            fail_under: The least score, which is not reached where there is none; if not given,
                no mutant may have survived.
        """
        if fail_under is None:
            return not self.survivors
        return self.score is not None and self.score >= fail_under

    def as_json(self) -> dict[str, Any]:
        """Plain facts."""
        return {
            "pipeline": self.pipeline,
            "mutants": self.mutants,
            "complete": len(self.outcomes) == self.mutants,
            "score": None if self.score is None else round(self.score, 2),
            "counts": self.counts,
            "contract": self.contract,
            "notes": list(self.notes),
            "outcomes": [one.as_json() for one in self.outcomes],
        }
