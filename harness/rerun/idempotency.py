"""Whether a pipeline can be run again: after a whole run, and after one that was killed midway.

A run that was killed leaves what its blocks had written so far. Where the next run then leaves
other data than one undisturbed run does, rows are there twice or lost, or it fails on them.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.plain import counted
from harness.rerun.difference import Comparison, check_sinks
from harness.rerun.outcome import Rerun, outcome, require_safe
from harness.rerun.world import fresh, untouched, written
from harness.running.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.rerun.world import World
    from harness.running.result import PipelineRun
    from harness.running.session import Session


@dataclass(frozen=True, kw_only=True)
class Plan(Comparison):
    """What is run, and how its data is compared.

    Attributes:
        variables: Runtime variables by name.
        killed: Whether runs are also killed between each pair of blocks.
    """

    variables: Mapping[str, Any]
    killed: bool


def require_idempotent(session: Session, plan: Plan) -> tuple[Rerun, ...]:
    """Run a pipeline again in each way, each time from the seeds alone.

    Args:
        session: Where; its services are emptied several times, and hold in the end what the last
            run left.
        plan: What is run.

    Returns:
        The ways in which it was run again.

    Raises:
        PipelineFailedError: The first, undisturbed run is no success.
        ExpectationError: Another run left other data, or failed.
        InputError: A key names no sink that the run wrote.
    """
    __tracebackhide__ = True
    reruns = tuple(_Proof(session, plan).reruns())
    require_safe(
        reruns,
        cannot=f"pipeline {plan.pipeline} is not safe to run again",
        way="rerun",
        failed="did not leave the data of one run",
        remedy="let the block that writes replace what an earlier run of the same interval "
        "wrote: delete its rows or partition in the same transaction, or merge by key",
    )
    return reruns


class _Proof:
    def __init__(self, session: Session, plan: Plan) -> None:
        self._session = session
        self._plan = plan

    def reruns(self) -> Iterator[Rerun]:
        before = fresh(self._session, self._plan.pipeline)
        self._tell("one undisturbed run")
        first = self._run()
        first.require_success()
        one_run = written(self._session.stack, before)
        check_sinks(self._plan.keys, one_run.names, pipeline=self._plan.pipeline)
        self._tell("run twice")
        again = self._run()
        yield self._held("run twice", again, one_run, before)
        if self._plan.killed:
            for number in range(1, len(_ended(first))):
                yield self._after_a_kill(number, one_run)

    def _after_a_kill(self, number: int, one_run: World) -> Rerun:
        after = f"killed after {counted(number, 'block')}"
        self._tell(f"{after}, and run again")
        before = fresh(self._session, self._plan.pipeline)
        killed = self._run(killed_after=number)
        order, process = _ended(killed), killed.process
        planned = process.exit_status == -signal.SIGKILL and not process.timed_out
        if not planned or len(order) != number:
            told = f"that run ended with {process.exit_status}, when {len(order)} had ended"
            return Rerun(how=after, problems=(told,))
        # Which block was the last may differ from run to run, where blocks run side by side.
        how = f"killed after block {order[-1]}, and run again"
        if untouched(self._session.stack, before):
            # Nothing is left of the killed run: the next one is a first run.
            return Rerun(how=how)
        return self._held(how, self._run(), one_run, before)

    def _held(self, how: str, run: PipelineRun, one_run: World, before: Sequence[Any]) -> Rerun:
        return outcome(
            self._session.stack,
            how,
            expected=one_run,
            before=before,
            plan=self._plan,
            problems=(f"the run failed: {problem}" for problem in run.problems),
        )

    def _tell(self, how: str) -> None:
        self._session.progress(f"{self._plan.pipeline}: {how}")

    def _run(self, *, killed_after: int = 0) -> PipelineRun:
        return self._session.run(
            self._plan.pipeline,
            asked=Asked(variables=self._plan.variables, killed_after=killed_after),
        )


def _ended(run: PipelineRun) -> list[str]:
    """The blocks of a run that ended, in order."""
    return [event["block"] for event in run.process.events if event["event"] == "block_end"]
