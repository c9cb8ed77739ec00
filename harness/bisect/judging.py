"""What makes a candidate good or bad: its verdict, or its data beside that of the good one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from harness.bisect.search import Verdict
from harness.contracts.difference import lines_of
from harness.contracts.holding import Contracts
from harness.contracts.reader import read_document
from harness.contracts.store import contract_file
from harness.errors import InputError
from harness.mutate.trial import Target, Trial, tried
from harness.rerun.agreed import keys_of, volatile_of
from harness.rerun.difference import Comparison, check_sinks, differences
from harness.rerun.world import World, written
from harness.running.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of one candidate.

    Attributes:
        verdict: Whether it is good, bad or cannot be judged.
        what: The same in a word or two.
        lines: Why, for people; empty for a good one.
        problems: Those of its run, as they are published.
    """

    verdict: Verdict
    what: str
    lines: tuple[str, ...] = ()
    problems: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is run, and how it is judged.

    Attributes:
        pipeline: The pipeline's uuid.
        variables: Runtime variables by name; those of its contract, if none are given.
        contract: Whether a run that does not hold its contract is red.
        keys: The columns that identify a row, by the sink's name, where data is compared.
        ignoring: Columns that may differ, where data is compared.
        progress: Told in a line what goes on.
    """

    pipeline: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    contract: bool = True
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignoring: tuple[str, ...] = ()
    progress: Callable[[str], None] = lambda _line: None


class Judge(Protocol):
    """Says whether a candidate is good.

    Attributes:
        rounds: How often the good one is to be judged before any other.
    """

    rounds: int

    def __call__(self, settings: Settings) -> Finding:
        """Run the pipeline in a world of its own, and judge it.

        Args:
            settings: How; they name the candidate's code and versions.

        Raises:
            InputError: It cannot be run.
            EnvironmentNotAbleError: This machine cannot run it.
        """


class ByVerdict:
    """A run that is no success, or does not hold the contract, is bad.

    Args:
        wish: What is run.
    """

    rounds = 1

    def __init__(self, wish: Wish) -> None:
        self._wish = wish

    def __call__(self, settings: Settings) -> Finding:
        """Run the pipeline, see ``Judge``."""
        with Session(settings, progress=self._wish.progress) as session:
            trial = _tried(session, self._wish)
            red = _red(trial)
            if red is not None or not self._wish.contract:
                return red or Finding(verdict=Verdict.GOOD, what="green")
            report = Contracts(session).hold(trial.run, variables=trial.variables)
            if report is None or report.ok:
                return Finding(verdict=Verdict.GOOD, what="green")
            return Finding(
                verdict=Verdict.BAD,
                what="red: it does not hold its contract",
                lines=tuple(lines_of(report.differences)),
            )


class ByData:
    """A run that leaves other data than the first one that is judged is bad.

    What the pipeline's contract says of keys and volatile columns counts besides.

    Args:
        wish: What is run.
        noun: What a candidate is called.
    """

    rounds = 2

    def __init__(self, wish: Wish, *, noun: str) -> None:
        self._wish = wish
        self._noun = noun
        self._expected: World | None = None

    def __call__(self, settings: Settings) -> Finding:
        """Run the pipeline, see ``Judge``; of a run that failed the data says nothing.

        Raises:
            InputError: The first one wrote nothing, or not what a key is given for.
        """
        with Session(settings, progress=self._wish.progress) as session:
            trial = _tried(session, self._wish)
            red = _red(trial)
            if red is not None:
                return Finding(
                    verdict=Verdict.SKIPPED, what=red.what, lines=red.lines, problems=red.problems
                )
            if self._expected is None:
                self._expected = self._first(session, trial)
                return Finding(verdict=Verdict.GOOD, what="its data is kept")
            plan = self._comparison(settings)
            found = differences(session.stack, self._expected, before=trial.before, plan=plan)
            lines = tuple(line for one in found for line in one.lines)
        if lines:
            return Finding(verdict=Verdict.BAD, what="other data", lines=lines)
        return Finding(verdict=Verdict.GOOD, what="the same data")

    def _comparison(self, settings: Settings) -> Comparison:
        wish = self._wish
        file = contract_file(settings, wish.pipeline)
        document = read_document(file) if file.exists() else None
        return Comparison(
            pipeline=wish.pipeline,
            keys={**keys_of(document), **wish.keys},
            ignoring=tuple(sorted(volatile_of(document).union(wish.ignoring))),
            than=f"with the good {self._noun}",
            given=f"the good {self._noun}",
        )

    def _first(self, session: Session, trial: Trial) -> World:
        world = written(session.stack, trial.before)
        if not world.contents:
            raise InputError(
                f"pipeline {self._wish.pipeline} wrote nothing whose data could be compared",
                remedy="leave --data out, to search by the verdict",
            )
        check_sinks(self._wish.keys, world.names, pipeline=self._wish.pipeline)
        return world


def _tried(session: Session, wish: Wish) -> Trial:
    variables = wish.variables or Contracts(session).variables(wish.pipeline)
    return tried(session, Target(pipeline=wish.pipeline, variables=variables))


def _red(trial: Trial) -> Finding | None:
    run = trial.run
    if run.ok:
        return None
    return Finding(
        verdict=Verdict.BAD,
        what="red",
        lines=tuple(map(str, run.problems)),
        problems=tuple(problem.as_json() for problem in run.problems),
    )
