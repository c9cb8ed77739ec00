"""Whether a pipeline can be run for any interval: alone, in any order and side by side.

What each interval writes alone is what it has to add, whatever was written before: no row of
another interval is lost, none is there twice, and no partition belongs to two intervals.
"""

from __future__ import annotations

import random
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from harness.errors import ExpectationError, InputError
from harness.expect.subject import label_of
from harness.plain import counted
from harness.rerun.difference import check_sinks, differences
from harness.rerun.outcome import Rerun, told
from harness.rerun.world import World, fresh, written
from harness.running.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.rerun.world import Content
    from harness.running.result import PipelineRun
    from harness.running.session import Session
    from harness.services.protocol import Sink

ORDERS = ("any", "given")
_SEED = 7


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """Which intervals are run, and how their data is compared.

    Attributes:
        pipeline: The pipeline's uuid.
        intervals: The runtime variables of each interval.
        order: ``any`` for a shuffled order too, ``given`` for the given one only.
        side_by_side: How many run at a time in a last round; 1 for no such round.
        keys: The columns that identify a row, by the sink's name.
        ignoring: Columns that may differ.
        shared: Partitions that several intervals may write, by the sink's name.
    """

    pipeline: str
    intervals: tuple[Mapping[str, Any], ...]
    order: str
    side_by_side: int
    keys: Mapping[str, tuple[str, ...]]
    ignoring: tuple[str, ...]
    shared: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class _Alone:
    """What one interval leaves where it is the only one."""

    interval: str
    world: World
    partitions: Mapping[tuple[str, str], Mapping[str, int]]


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
    unsafe = [one for one in rounds if not one.safe]
    if unsafe:
        raise ExpectationError(
            f"pipeline {plan.pipeline} cannot be run for any interval: {len(unsafe)} of "
            f"{counted(len(rounds), 'check')} failed",
            evidence=[line for one in unsafe for line in told(one)],
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
        alone = [self._alone(interval) for interval in plan.intervals]
        expected = _united([one.world for one in alone])
        check_sinks([*plan.keys, *plan.shared], expected.names, pipeline=plan.pipeline)
        yield Rerun(how="each interval alone", problems=tuple(_not_disjoint(alone, plan.shared)))
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

    def _alone(self, interval: Mapping[str, Any]) -> _Alone:
        stack = self._session.stack
        self._session.progress(f"{self._plan.pipeline}: {_named(interval)} alone")
        before = fresh(self._session, self._plan.pipeline)
        self._run(interval).require_success()
        world = written(stack, before)
        _refuse_seeded(world, before)
        return _Alone(
            interval=_named(interval),
            world=world,
            partitions={
                place: dict(stack.services[place[0]].partitions(place[1]))
                for place, content in world.contents.items()
                if content.table is not None
            },
        )

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
        found = differences(
            self._session.stack,
            expected,
            before=before,
            keys=self._plan.keys,
            ignoring=self._plan.ignoring,
        )
        return Rerun(how=how, differences=tuple(found), problems=tuple(problems))

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


def _refuse_seeded(world: World, before: Sequence[Sink]) -> None:
    """What an interval adds to rows that were there before cannot be told from them."""
    known = {(sink.service, sink.name) for sink in before}
    for place, content in world.contents.items():
        if place in known:
            raise InputError(
                f"{label_of(content.sink)} has rows of a seed before an interval writes to it",
                cause="a backfill starts with empty sinks, to tell what each interval adds",
                remedy="leave that seed out of the fixtures of this test",
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


def _not_disjoint(alone: Iterable[_Alone], shared: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    owners: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    sinks = {}
    for one in alone:
        if not one.world.contents:
            yield f"{one.interval} wrote nothing"
        for (service, name), partitions in one.partitions.items():
            sinks[service, name] = one.world.contents[service, name].sink
            for partition, rows in partitions.items():
                if partition not in shared.get(name, ()):
                    owners[service, name, partition][one.interval] = rows
    for (service, name, partition), of in sorted(owners.items()):
        if len(of) > 1:
            parts = " and ".join(
                f"{interval} ({counted(rows, 'row')})" for interval, rows in of.items()
            )
            yield f"{label_of(sinks[service, name])}: partition {partition} belongs to {parts}"


def _united(worlds: Sequence[World]) -> World:
    """What all intervals together have to leave."""
    places: dict[tuple[str, str], list[Content]] = defaultdict(list)
    for world in worlds:
        for place, content in world.contents.items():
            places[place].append(content)
    return World(contents={place: _joined(parts) for place, parts in places.items()})


def _joined(parts: Sequence[Content]) -> Content:
    tables = [part.table for part in parts if part.table is not None]
    if not tables:
        return parts[-1]
    return replace(parts[0], table=pa.concat_tables(tables, promote_options="permissive"))
