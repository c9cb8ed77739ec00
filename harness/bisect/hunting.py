"""From a good and a bad candidate to the first bad one, each run told as it ends."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.bisect.judging import Finding
from harness.bisect.search import Search, Verdict
from harness.errors import CheckFailedError, EnvironmentNotAbleError, InputError
from harness.plain import counted
from harness.report.words import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.bisect.candidates import Answer, Candidate, Candidates
    from harness.bisect.judging import Judge

_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Step:
    """One candidate that was judged.

    Attributes:
        number: Which step it was, from 1.
        of: How many there will be, as far as can be told.
        candidate: The candidate.
        finding: What was found.
        seconds: How long it took.
    """

    number: int
    of: int
    candidate: Candidate
    finding: Finding
    seconds: float

    @property
    def line(self) -> str:
        """The step in a line."""
        return (
            f"{begun(self.number, self.of, self.candidate)}: {self.finding.what} "
            f"in {duration(self.seconds)}"
        )

    def as_json(self) -> dict[str, Any]:
        """The step as it is published."""
        return {
            "name": self.candidate.name,
            "title": self.candidate.title,
            "verdict": self.finding.verdict.value,
            "what": self.finding.what,
            "lines": list(self.finding.lines),
            "problems": list(self.finding.problems),
            "seconds": self.seconds,
        }


def begun(number: int, of: int, candidate: Candidate) -> str:
    """What is said of a step that has begun.

    Args:
        number: Which it is, from 1.
        of: How many there will be, as far as can be told.
        candidate: What is judged.
    """
    return f"step {number} of ~{of}: {candidate.line}"


class Bisection:
    """The hunt for the first bad candidate.

    Args:
        candidates: What is searched.
        judge: What makes one good or bad.
        begin: Told of a step in a line when it begins.
        told: Told of each step that has ended.

    Attributes:
        steps: What was judged so far.
    """

    def __init__(
        self,
        candidates: Candidates,
        judge: Judge,
        *,
        begin: Callable[[str], None],
        told: Callable[[Step], None],
    ) -> None:
        self._candidates = candidates
        self._judge = judge
        self._begin = begin
        self._told = told
        self.steps: list[Step] = []
        self._ends_hold = False
        self._search = Search(good=0, bad=len(candidates.all) - 1)

    @property
    def suspects(self) -> Sequence[Candidate]:
        """One of them is the first bad one; none before the good and the bad one are known."""
        numbers = self._search.suspects
        return [self._candidates.all[at] for at in numbers] if self._ends_hold else []

    @property
    def before(self) -> Candidate:
        """The last candidate that is known to be good."""
        return self._candidates.all[self._search.good]

    @property
    def first(self) -> Candidate | None:
        """The first bad one; None where it is not found."""
        suspects = self.suspects
        return suspects[0] if len(suspects) == 1 else None

    @property
    def bad(self) -> Finding | None:
        """What was found of the first one that is known to be bad."""
        last = self.suspects[-1:]
        found = [one.finding for one in self.steps if [one.candidate] == last]
        return found[-1] if found else None

    def run(self) -> None:
        """Judge the good and the bad one, and then what lies between them.

        Raises:
            CheckFailedError: The good one is bad, or the bad one is good.
            InputError: One of them cannot be run.
            EnvironmentNotAbleError: This machine cannot run one of them.
        """
        good, bad = self._candidates.all[0], self._candidates.all[-1]
        for again in range(self._judge.rounds):
            found = self._end(good, "good")
            if found.verdict is not Verdict.GOOD:
                raise self._not_good(good, found, again=again > 0)
        found = self._end(bad, "bad")
        if found.verdict is not Verdict.BAD:
            raise self._not_bad(bad, found)
        self._ends_hold = True
        while (at := self._search.following()) is not None:
            self._search.judged(at, self._step(self._candidates.all[at]).verdict)

    def answer(self) -> Answer | None:
        """What is to be said of the first bad one; None where it is not found."""
        first = self.first
        return None if first is None else self._candidates.answer(self.before, first)

    def _end(self, candidate: Candidate, which: str) -> Finding:
        try:
            return self._step(candidate, skips=False)
        except (InputError, EnvironmentNotAbleError) as error:
            kind = InputError if isinstance(error, InputError) else EnvironmentNotAbleError
            raise kind(
                f"the {which} {self._candidates.noun} {candidate.line} cannot be judged: "
                f"{error.symptom}",
                cause=error.cause,
                evidence=error.evidence,
                remedy=error.remedy or f"name another one as the {which} one",
            ) from error

    def _step(self, candidate: Candidate, *, skips: bool = True) -> Finding:
        number = len(self.steps) + 1
        ends = 0 if self._ends_hold else max(self._judge.rounds + 1 - number, 0) + 1
        of = max(number, number - 1 + ends + self._search.steps)
        self._begin(begun(number, of, candidate))
        began = time.monotonic()
        try:
            with self._candidates.at(candidate) as settings:
                finding = self._judge(settings)
        except (InputError, EnvironmentNotAbleError) as error:
            if not skips:
                raise
            finding = Finding(
                verdict=Verdict.SKIPPED,
                what="skipped",
                lines=tuple(filter(None, (error.symptom, error.cause, *error.evidence))),
            )
        step = Step(
            number=number,
            of=of,
            candidate=candidate,
            finding=finding,
            seconds=time.monotonic() - began,
        )
        self.steps.append(step)
        self._told(step)
        return finding

    def _not_good(self, good: Candidate, found: Finding, *, again: bool) -> CheckFailedError:
        noun = self._candidates.noun
        if again and found.verdict is Verdict.BAD:
            return CheckFailedError(
                f"the good {noun} {good.line} leaves other data each time",
                cause="what differs from run to run says nothing of a change",
                evidence=found.lines[:_SHOWN],
                remedy="leave columns out with --ignoring COLUMN, fix the time with --at, or name "
                "the columns that identify a row with --key SINK=COLUMN",
            )
        return CheckFailedError(
            f"the good {noun} {good.line} is not good: {found.what}",
            evidence=found.lines[:_SHOWN],
            remedy=f"name an earlier {noun}, where it was well",
        )

    def _not_bad(self, bad: Candidate, found: Finding) -> CheckFailedError:
        noun = self._candidates.noun
        if found.verdict is Verdict.SKIPPED:
            return CheckFailedError(
                f"the data of the bad {noun} {bad.line} cannot be compared: its run is red",
                evidence=found.lines[:_SHOWN],
                remedy="leave --data out, to find what made it red; or name a bad one that is "
                "green",
            )
        between = counted(len(self._candidates.all) - 2, noun)
        return CheckFailedError(
            f"the bad {noun} {bad.line} is not bad: {found.what}",
            cause=f"between it and the good one lie {between}, and both are the same",
            remedy="check that the failure comes here at all: other variables (--var), another "
            "time (--at), or --data where only the data is another",
        )
