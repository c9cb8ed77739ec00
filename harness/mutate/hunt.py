"""Each mutant in a run of its own: does anybody notice?"""

from __future__ import annotations

import queue
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.contracts.holding import Contracts
from harness.errors import CheckFailedError, InputError
from harness.mutate.outcome import KILLED, LATE, SAME, SURVIVED, UNRECORDED, Outcome
from harness.mutate.proposals import proposals
from harness.mutate.trial import tried
from harness.rerun.difference import differences
from harness.rerun.world import written
from harness.running.asked import Asked
from harness.running.session import Session

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from harness.mutate.baseline import Baseline
    from harness.mutate.change import Mutant
    from harness.mutate.suite import Suite
    from harness.mutate.trial import Target, Trial

_LEAST_DEADLINE = 10.0
_TIMES = 5
_LINES = 12


@dataclass(frozen=True, kw_only=True)
class Hunt:
    """How mutants are tried.

    Attributes:
        target: The pipeline.
        baseline: What it does unchanged.
        suite: The user's tests, which look at what nothing else noticed.
        suite_seconds: How long these take on the unchanged project.
        apart: The sinks that the unchanged pipeline leaves otherwise when it runs a second time;
            None where that is not tried.
    """

    target: Target
    baseline: Baseline
    suite: Suite | None = None
    suite_seconds: float = 0.0
    apart: frozenset[tuple[str, str]] | None = None

    def outcome(self, session: Session, mutant: Mutant) -> Outcome:
        """Run a pipeline with one change.

        Args:
            session: Where; its services are emptied.
            mutant: The change.

        Raises:
            EnvironmentNotAbleError: Mage or a service cannot be started.
        """
        began = time.monotonic()
        found = self._judged(session, mutant)
        return replace(found, seconds=time.monotonic() - began)

    def _judged(self, session: Session, mutant: Mutant) -> Outcome:
        changed = {mutant.file: mutant.after}
        deadline = max(_LEAST_DEADLINE, _TIMES * self.baseline.seconds)
        trial = tried(session, self.target, changed=changed, deadline=deadline)
        if trial.run.process.timed_out:
            return Outcome(mutant=mutant, status=LATE, by="the deadline")
        asked = _unrecorded(trial)
        if asked:
            return Outcome(mutant=mutant, status=UNRECORDED, by=asked)
        noticed = _by_verdict(trial) or _by_contract(session, trial)
        if noticed:
            return Outcome(mutant=mutant, status=KILLED, by=noticed)
        lines, proposed = self._found(session, trial)
        if self.suite is not None:
            patience = max(_LEAST_DEADLINE, _TIMES * self.suite_seconds)
            told = self.suite.run(changed, deadline=patience)
            if told.late:
                return Outcome(mutant=mutant, status=LATE, by="the deadline of the tests")
            if told.failed:
                return Outcome(mutant=mutant, status=KILLED, by=told.failed)
        if not lines and self.apart is not None and mutant.operator == "option":
            # How to write over what is there is only seen where something is.
            lines, proposed = self._again(session, trial, deadline=deadline)
        return Outcome(
            mutant=mutant,
            status=SURVIVED if lines else SAME,
            differences=tuple(lines),
            proposals=tuple(proposed),
        )

    def _again(
        self, session: Session, trial: Trial, *, deadline: float
    ) -> tuple[list[str], list[str]]:
        asked = Asked(variables=trial.variables, deadline=deadline)
        run = session.run(self.target.pipeline, asked=asked)
        lines = [str(problem) for problem in run.problems]
        apart = self.apart or frozenset()
        lines += self._found(session, trial, ignoring=apart)[0]
        if not lines:
            return [], []
        # The whole pipeline is idempotent, or the expectation would fail unchanged too.
        proposed = [] if apart else [f'expect.idempotent("{self.target.pipeline}")']
        return ["run a second time:", *lines], proposed

    def _found(
        self,
        session: Session,
        trial: Trial,
        *,
        ignoring: frozenset[tuple[str, str]] = frozenset(),
    ) -> tuple[list[str], list[str]]:
        try:
            return self._differences(session, trial, self.baseline.unsteady | ignoring)
        except (CheckFailedError, InputError) as error:
            # What cannot be read or compared any more is not what it was.
            return [error.symptom], [f"mage-harness contract write {self.target.pipeline}"]

    def _differences(
        self, session: Session, trial: Trial, unsteady: frozenset[tuple[str, str]]
    ) -> tuple[list[str], list[str]]:
        known = self.baseline.world.contents
        compared = differences(
            session.stack,
            self.baseline.world,
            before=trial.before,
            plan=self.baseline.comparison,
        )
        told = {(one.service, one.sink): one.lines[:_LINES] for one in compared}
        steady = {at: lines for at, lines in told.items() if at not in unsteady}
        if not steady:
            return [], []
        now = written(session.stack, trial.before).contents
        proposed = [
            line
            for at in steady
            if at in known and at in now
            for line in proposals(known[at], now[at])
        ]
        if not self.baseline.contract:
            proposed.append(f"mage-harness contract write {self.target.pipeline}")
        return [line for one in steady.values() for line in one], proposed


def hunted(
    hunt: Hunt, session: Session, mutants: Sequence[Mutant], *, jobs: int
) -> Generator[Outcome]:
    """What became of each mutant, in the order in which that is known.

    Args:
        hunt: How they are tried.
        session: Where the first of several at a time is.
        mutants: The changes.
        jobs: How many are tried at a time, each in a world of its own.
    """
    if jobs == 1:
        for one in mutants:
            yield hunt.outcome(session, one)
        return
    free: queue.SimpleQueue[Session] = queue.SimpleQueue()
    free.put(session)

    def outcome(mutant: Mutant) -> Outcome:
        mine = free.get()
        try:
            return hunt.outcome(mine, mutant)
        finally:
            free.put(mine)

    with ExitStack() as worlds:
        for _ in range(jobs - 1):
            more = Session(session.settings, progress=session.progress)
            free.put(worlds.enter_context(more))
        pool = ThreadPoolExecutor(jobs, "mage-harness-mutate")
        try:
            for done in as_completed([pool.submit(outcome, one) for one in mutants]):
                yield done.result()
        finally:
            # Also for Ctrl-C: what still runs is ended with its session, and is not waited for.
            pool.shutdown(wait=False, cancel_futures=True)


def _unrecorded(trial: Trial) -> str:
    """What the run asked for and no recording answers, if anything: the unchanged run has all."""
    codes = ("http-unrecorded", "missing-recording")
    found = (one.message for one in trial.run.problems if one.code in codes)
    return next((message.splitlines()[0] for message in found), "")


def _by_verdict(trial: Trial) -> str:
    if trial.run.ok:
        return ""
    problem = trial.run.problems[0]
    place = problem.block or trial.run.pipeline
    message = problem.message.splitlines()[0] if problem.message else ""
    return f"{problem.code} {place}: {message}"


def _by_contract(session: Session, trial: Trial) -> str:
    try:
        report = Contracts(session).hold(trial.run, variables=trial.variables)
    except (InputError, CheckFailedError) as error:
        return f"contract: {error.symptom}"
    if report is None or report.ok:
        return ""
    first = report.differences[0]
    column = f" {first.column}" if first.column else ""
    return (
        f"contract: {first.service} {first.sink}{column} {first.rule}:"
        f" {first.expected}, found {first.found}"
    )
