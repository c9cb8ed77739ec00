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
from harness.plain import counted
from harness.rerun.difference import differences
from harness.rerun.outcome import Rerun, told
from harness.rerun.world import World, fresh, label, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.rerun.world import Content
    from harness.running.result import PipelineRun
    from harness.running.session import Session

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
        if len(plan.intervals) < 2 or plan.order not in ORDERS:  # noqa: PLR2004 - two are several
            raise InputError(
                "a backfill takes at least two intervals, in an order that is any or given",
                evidence=[f"intervals: {len(plan.intervals)}, order: {plan.order!r}"],
            )
        alone = [self._alone(interval) for interval in plan.intervals]
        yield Rerun(how="each interval alone", problems=tuple(_not_disjoint(alone, plan.shared)))
        expected = _united([one.world for one in alone])
        yield self._round("in the given order", plan.intervals, expected, at_a_time=1)
        if plan.order == "any":
            shuffled = list(plan.intervals)
            # The same order in every run, so that a failure comes again.
            random.Random(_SEED).shuffle(shuffled)  # noqa: S311 - no secret
            if shuffled == list(plan.intervals):
                shuffled.reverse()
            names = ", ".join(map(_named, shuffled))
            yield self._round(f"in the order {names}", shuffled, expected, at_a_time=1)
        if plan.side_by_side > 1:
            how = f"{plan.side_by_side} at a time"
            yield self._round(how, plan.intervals, expected, at_a_time=plan.side_by_side)

    def _alone(self, interval: Mapping[str, Any]) -> _Alone:
        stack = self._session.stack
        self._session.progress(f"{self._plan.pipeline}: {_named(interval)} alone")
        before = fresh(self._session, self._plan.pipeline)
        self._run(interval).require_success()
        world = written(stack, before)
        return _Alone(
            interval=_named(interval),
            world=world,
            partitions={
                place: dict(stack.services[place[0]].partitions(place[1]))
                for place, content in world.contents.items()
                if content.table is not None
            },
        )

    def _round(
        self, how: str, intervals: Sequence[Mapping[str, Any]], expected: World, *, at_a_time: int
    ) -> Rerun:
        self._session.progress(f"{self._plan.pipeline}: {how}")
        before = fresh(self._session, self._plan.pipeline)
        with ThreadPoolExecutor(at_a_time, "mage-harness-backfill") as pool:
            runs = list(pool.map(self._run, intervals))
        found = differences(
            self._session.stack,
            expected,
            before=before,
            keys=self._plan.keys,
            ignoring=self._plan.ignoring,
        )
        return Rerun(
            how=how,
            differences=tuple(found),
            problems=tuple(
                line
                for interval, run in zip(intervals, runs, strict=True)
                for line in _problems(_named(interval), run)
            ),
        )

    def _run(self, interval: Mapping[str, Any]) -> PipelineRun:
        return self._session.run(self._plan.pipeline, variables=interval)


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
            yield f"{label(sinks[service, name])}: partition {partition} belongs to {parts}"


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
