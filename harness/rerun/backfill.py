"""Whether a pipeline can be run for any interval: alone, in any order and side by side.

What each interval writes alone is what it has to add, whatever was written before: no row of
another interval is lost, none is there twice, and no partition belongs to two intervals.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.rerun.difference import Comparison, check_sinks
from harness.rerun.intervals import alone, not_disjoint, refuse_seeded, united
from harness.rerun.outcome import Rerun, outcome, require_safe
from harness.rerun.world import fresh, written
from harness.running.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.rerun.intervals import Alone
    from harness.rerun.world import World
    from harness.running.result import PipelineRun
    from harness.running.session import Session
    from harness.services.protocol import Sink

ORDERS = ("any", "given")
_SEED = 7


@dataclass(frozen=True, kw_only=True)
class Backfill(Comparison):
    """Which intervals are run, and how their data is compared.

    Attributes:
        intervals: The runtime variables of each interval.
        order: ``any`` for a shuffled order too, ``given`` for the given one only.
        side_by_side: How many run at a time in a last round; 1 for no such round.
        shared: Partitions that several intervals may write, by the sink's name.
    """

    intervals: tuple[Mapping[str, Any], ...]
    order: str
    side_by_side: int
    shared: Mapping[str, tuple[str, ...]]


def require_backfill(session: Session, plan: Backfill) -> tuple[Rerun, ...]:
    """Run a pipeline for each interval alone, then for all of them in each way.

    Args:
        session: Where; its services are emptied several times, and hold in the end what the last
            round left.
        plan: What is run.

    Returns:
        The ways in which all intervals were run.

    Raises:
        PipelineFailedError: An interval alone is no success.
        ExpectationError: Partitions belong to two intervals, an interval wrote nothing, or a round
            left other data than its intervals alone.
        InputError: There are less than two intervals.
    """
    __tracebackhide__ = True
    rounds = tuple(_Proof(session, plan).rounds())
    require_safe(
        rounds,
        cannot=f"pipeline {plan.pipeline} cannot be run for any interval",
        way="check",
        failed="failed",
        remedy="let each run write the rows of its own interval and nothing else: filter by "
        "the interval, and replace its partitions rather than the table",
    )
    return rounds


class _Proof:
    def __init__(self, session: Session, plan: Backfill) -> None:
        self._session = session
        self._plan = plan

    def rounds(self) -> Iterator[Rerun]:
        plan = self._plan
        _check(plan)
        each = [self._alone(interval) for interval in plan.intervals]
        expected = united([one.world for one in each])
        check_sinks([*plan.keys, *plan.shared], expected.names, pipeline=plan.pipeline)
        yield Rerun(how="each interval alone", problems=tuple(not_disjoint(each, plan.shared)))
        yield self._round("in the given order", plan.intervals, expected)
        if plan.order == "any":
            shuffled = list(plan.intervals)
            # The same order in every run, so that a failure comes again.
            random.Random(_SEED).shuffle(shuffled)  # noqa: S311 - no secret
            if shuffled == list(plan.intervals):
                shuffled.reverse()
            names = ", ".join(map(_named, shuffled))
            yield self._round(f"in the order {names}", shuffled, expected)
        if plan.side_by_side > 1:
            yield self._side_by_side(expected)

    def _alone(self, interval: Mapping[str, Any]) -> Alone:
        stack = self._session.stack
        self._session.progress(f"{self._plan.pipeline}: {_named(interval)} alone")
        before = fresh(self._session, self._plan.pipeline)
        self._run(interval).require_success()
        world = written(stack, before)
        refuse_seeded(world, before)
        return alone(stack, _named(interval), world)

    def _round(self, how: str, intervals: Sequence[Mapping[str, Any]], expected: World) -> Rerun:
        self._session.progress(f"{self._plan.pipeline}: {how}")
        before = fresh(self._session, self._plan.pipeline)
        problems = [
            line
            for interval in intervals
            for line in _problems(_named(interval), self._run(interval))
        ]
        return self._held(how, expected, before, problems)

    def _side_by_side(self, expected: World) -> Rerun:
        how = f"{self._plan.side_by_side} at a time"
        self._session.progress(f"{self._plan.pipeline}: {how}")
        before = fresh(self._session, self._plan.pipeline)
        pool = ThreadPoolExecutor(self._plan.side_by_side, "mage-harness-backfill")
        try:
            runs = list(pool.map(self._run, self._plan.intervals))
        except BaseException:
            # Also for Ctrl-C: what still runs is ended with the session, and is not waited for.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()
        # What went wrong at a service meanwhile is a problem of each run.
        problems = dict.fromkeys(line for run in runs for line in _problems("an interval", run))
        return self._held(how, expected, before, problems)

    def _held(
        self, how: str, expected: World, before: Sequence[Sink], problems: Iterable[str]
    ) -> Rerun:
        return outcome(
            self._session.stack,
            how,
            expected=expected,
            before=before,
            plan=self._plan,
            problems=problems,
        )

    def _run(self, interval: Mapping[str, Any]) -> PipelineRun:
        return self._session.run(self._plan.pipeline, asked=Asked(variables=interval))


def _check(plan: Backfill) -> None:
    if len(plan.intervals) < 2:  # noqa: PLR2004 - two are several
        raise InputError(
            f"a backfill takes at least two intervals, and {len(plan.intervals)} is given",
            remedy='give the variables of each: [{"month": 1}, {"month": 2}]',
        )
    if plan.order not in ORDERS:
        raise InputError(
            f"{plan.order!r} is no order of a backfill", remedy=f"say {' or '.join(ORDERS)}"
        )
    if plan.side_by_side < 1:
        raise InputError(
            f"{plan.side_by_side} runs at a time are none",
            remedy="give a number from 2 on, or 1 for no such round",
        )


def _problems(interval: str, run: PipelineRun) -> Iterator[str]:
    for problem in run.problems:
        yield f"the run of {interval} failed: {problem}"
    for block in run.blocks:
        if block.unseen:
            names = ", ".join(block.unseen)
            yield f"block {block.uuid} did not get its interval {interval}: {names} differs"


def _named(interval: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in interval.items())
