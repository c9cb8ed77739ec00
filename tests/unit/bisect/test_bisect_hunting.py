"""The hunt: its ends are judged first, what cannot be judged is skipped, and each step is told."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from harness.bisect.candidates import Answer, Candidate
from harness.bisect.facts import facts_of, told
from harness.bisect.hunting import Bisection
from harness.bisect.judging import Finding
from harness.bisect.search import Verdict
from harness.errors import CheckFailedError, EnvironmentNotAbleError, InputError
from harness.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.bisect.hunting import Step

GOOD = Finding(verdict=Verdict.GOOD, what="green")
RED = Finding(verdict=Verdict.BAD, what="red", lines=("it broke",), problems=({"code": "x"},))


class Row:
    """Candidates that are letters."""

    noun = "letter"

    def __init__(self, letters: str) -> None:
        self.all = [Candidate(name=one, shown=one, title=f"is {one}") for one in letters]
        self.open: list[str] = []
        self.closed: list[str] = []

    @contextmanager
    def at(self, candidate: Candidate) -> Iterator[Settings]:
        self.open.append(candidate.name)
        try:
            yield Settings(mage_version=candidate.name)
        finally:
            self.closed.append(candidate.name)

    def answer(self, before: Candidate, first: Candidate) -> Answer:
        return Answer(author="Ada", files=("a.py", "b.py"), inputs=(f"{before.name}{first.name}",))


class Judged:
    """Finds what it was told to find; of all others that they are good."""

    def __init__(
        self, found: Mapping[str, Finding | Exception] | None = None, *, rounds: int = 1
    ) -> None:
        self.rounds = rounds
        self._found = dict(found or {})

    def __call__(self, settings: Settings) -> Finding:
        found = self._found.get(settings.mage_version, GOOD)
        if isinstance(found, Exception):
            raise found
        return found


def hunt(row: Row, judge: Judged) -> tuple[Bisection, list[Step], list[str]]:
    steps: list[Step] = []
    begun: list[str] = []
    return Bisection(row, judge, begin=begun.append, told=steps.append), steps, begun


def test_the_first_bad_one_is_found_and_told() -> None:
    row = Row("abcdefgh")
    bisection, steps, begun = hunt(row, Judged(dict.fromkeys("fgh", RED)))
    bisection.run()
    assert [step.candidate.name for step in steps] == ["a", "h", "e", "g", "f"]
    assert row.open == row.closed == ["a", "h", "e", "g", "f"]
    assert begun[2] == "step 3 of ~5: e is e"
    assert steps[3].line.startswith("step 4 of ~5: g is g: red in ")
    answer = bisection.answer()
    lines = list(told(bisection, answer, noun="letter"))
    assert lines[0] == "f is f is the first bad letter; e is e is good"
    assert lines[-2:] == ["with f is f: red", "  it broke"]
    facts = facts_of(bisection, answer, pipeline="trips")
    assert json.loads(json.dumps(facts)) == facts
    assert facts["found"] == {"name": "f", "title": "is f"}
    assert facts["before"] == {"name": "e", "title": "is e"}
    assert facts["inputs"] == ["ef"]
    assert facts["problems"] == [{"code": "x"}]
    assert [step["verdict"] for step in facts["steps"]] == ["good", "bad", "good", "bad", "bad"]


@pytest.mark.parametrize("error", [InputError("gone"), EnvironmentNotAbleError("no room")])
def test_what_cannot_be_judged_is_skipped_and_the_answer_is_a_range(error: Exception) -> None:
    bisection, steps, _ = hunt(Row("abcde"), Judged({"c": error, "d": RED, "e": RED}))
    bisection.run()
    (skipped,) = [step for step in steps if step.finding.verdict is Verdict.SKIPPED]
    assert skipped.candidate.name == "c"
    assert skipped.finding.lines == (str(error),)
    assert bisection.first is None
    assert bisection.answer() is None
    assert [one.name for one in bisection.suspects] == ["c", "d"]
    assert bisection.before.name == "b"
    lines = list(told(bisection, None, noun="letter"))
    assert lines[:3] == ["the first bad letter is one of 2:", "  c is c", "  d is d"]
    facts = facts_of(bisection, None, pipeline="trips")
    assert facts["found"] is None
    assert [one["name"] for one in facts["suspects"]] == ["c", "d"]


def test_a_good_one_that_is_bad_ends_the_hunt() -> None:
    bisection, steps, _ = hunt(Row("abc"), Judged({"a": RED}))
    with pytest.raises(CheckFailedError, match="the good letter a is a is not good: red") as caught:
        bisection.run()
    assert caught.value.exit_status == 1
    assert caught.value.evidence == ("it broke",)
    assert len(steps) == 1
    assert bisection.suspects == []
    assert list(told(bisection, None, noun="letter")) == []
    assert facts_of(bisection, None, pipeline="trips")["before"] is None


def test_a_bad_one_that_is_good_ends_the_hunt() -> None:
    bisection, steps, _ = hunt(Row("abc"), Judged())
    with pytest.raises(CheckFailedError, match="the bad letter c is c is not bad: green") as caught:
        bisection.run()
    assert "between it and the good one lie 1 letter" in caught.value.cause
    assert len(steps) == 2


def test_data_that_differs_each_time_and_data_of_a_red_end_end_the_hunt() -> None:
    found = [Finding(verdict=Verdict.GOOD, what="its data is kept"), RED]

    class Restless(Judged):
        def __call__(self, settings: Settings) -> Finding:
            return found.pop(0)

    bisection, _, _ = hunt(Row("abc"), Restless(rounds=2))
    with pytest.raises(CheckFailedError, match="leaves other data each time") as caught:
        bisection.run()
    assert "--ignoring" in caught.value.remedy

    skipped = Finding(verdict=Verdict.SKIPPED, what="red", lines=("it broke",))
    bisection, steps, _ = hunt(Row("abc"), Judged({"c": skipped}, rounds=2))
    with pytest.raises(CheckFailedError, match="cannot be compared: its run is red"):
        bisection.run()
    assert [step.line.partition(":")[0] for step in steps] == [
        "step 1 of ~4",
        "step 2 of ~4",
        "step 3 of ~4",
    ]


@pytest.mark.parametrize(
    "error",
    [InputError("gone", evidence=["there"], remedy="mend it"), EnvironmentNotAbleError("no room")],
)
def test_an_end_that_cannot_be_judged_is_an_error_of_its_kind(error: InputError) -> None:
    bisection, _, _ = hunt(Row("abc"), Judged({"c": error}))
    with pytest.raises(type(error), match="the bad letter c is c cannot be judged: ") as caught:
        bisection.run()
    assert caught.value.exit_status == error.exit_status
    assert caught.value.evidence == error.evidence


def test_ctrl_c_leaves_what_is_known() -> None:
    row = Row("abcde")
    found: dict[str, Finding | Exception] = {"c": RED, "e": RED}
    bisection, _, _ = hunt(row, Judged(found))

    class Interrupted(Judged):
        def __call__(self, settings: Settings) -> Finding:
            if settings.mage_version == "b":
                raise KeyboardInterrupt
            return super().__call__(settings)

    bisection, _, _ = hunt(row, Interrupted(found))
    with pytest.raises(KeyboardInterrupt):
        bisection.run()
    assert row.open == row.closed
    assert [one.name for one in bisection.suspects] == ["b", "c"]


def test_another_fault_is_not_taken_for_a_skip() -> None:
    bisection, _, _ = hunt(Row("abc"), Judged({"c": RED, "b": RuntimeError("a bug")}))
    with pytest.raises(RuntimeError, match="a bug"):
        bisection.run()
