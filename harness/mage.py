"""What a test holds in its hand to run pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.contracts.holding import require
from harness.expect.finding import asked
from harness.held import held
from harness.rerun.backfill import Backfill, require_backfill
from harness.rerun.difference import columns_of
from harness.running.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from harness.contracts.holding import Proposal
    from harness.rerun.outcome import Rerun
    from harness.running.result import PipelineRun
    from harness.running.session import Session


class Mage:
    """Runs pipelines of the project under test.

    Args:
        session: The session whose services they write to.
        approve: Shown a contract as a run would have it, where that differs, and says whether it
            is kept so; None where no contract is to change.
        told: Told of each run and its variables, whatever its verdict.
    """

    def __init__(
        self,
        session: Session,
        *,
        approve: Callable[[Proposal], bool] | None = None,
        told: Callable[[PipelineRun, Mapping[str, Any]], None] = lambda _run, _variables: None,
    ) -> None:
        self._session = session
        self._approve = approve
        self._told = told

    def run(
        self,
        pipeline: str,
        *,
        variables: Mapping[str, Any] | None = None,
        deadline: float | None = None,
        block: str | None = None,
        arguments: Sequence[str] = (),
        at: datetime | str | None = None,
        entry: str | None = None,
        check: bool = True,
        contract: bool = False,
    ) -> PipelineRun:
        """Run a pipeline with the real ``mage run`` and require a success.

        Args:
            pipeline: The pipeline's uuid.
            variables: Runtime variables by name.
            deadline: Seconds that the run may take; the settings' if not given.
            block: Run this block only.
            arguments: Further arguments for ``mage run``, as they are.
            at: The moment that the pipeline and the services have for the time when it begins,
                such as ``2021-02-01T05:00Z``; the world's if not given.
            entry: ``pipeline`` for a whole-pipeline ``mage run``, ``blocks`` for one of each block,
                ``engine`` for Mage's orchestration engine; what the settings say, or what the
                pipeline needs, if not given (docs/entry_points.md).
            check: Whether anything but a success raises; with False, look at ``.problems``.
            contract: Whether it must leave behind what its contract says.

        Raises:
            PipelineFailedError: The verdict is not a success.
            ContractError: It is, and what was written is not what the contract says.
            InputError: The pipeline, a variable or the io_config.yaml is not right.
            EnvironmentNotAbleError: Mage or a service cannot be started.
        """
        __tracebackhide__ = True
        run = self._session.run(
            pipeline,
            asked=Asked(
                variables=variables or {},
                deadline=deadline,
                block=block,
                arguments=tuple(arguments),
                at=at,
                entry=entry,
                inventory=contract,
                holdings=True,
            ),
        )
        self._told(run, variables or {})
        if check or contract:
            run.require_success()
        if contract:
            require(self._session, run, variables=variables or {}, approve=self._approve)
        return run

    def backfill(
        self,
        pipeline: str,
        over: Sequence[Mapping[str, Any]],
        *,
        order: str = "any",
        side_by_side: int = 1,
        keys: Mapping[str, str | Sequence[str]] | None = None,
        ignoring: Sequence[str] = (),
        shared: Mapping[str, Sequence[str]] | None = None,
    ) -> tuple[Rerun, ...]:
        """Run a pipeline for several intervals, and require that each adds what is its own.

        Each interval runs alone first, on the seeds; then all of them in the given order, in
        another one and, on request, side by side. Each time the services must hold what the
        intervals left alone, taken together. They hold in the end what the last round left.

        Args:
            pipeline: The pipeline's uuid.
            over: The runtime variables of each interval: ``[{"month": 1}, {"month": 2}]``.
            order: ``any`` for a shuffled order besides the given one, ``given`` for that alone.
            side_by_side: How many run at a time in a last round; 1 for no such round.
            keys: The columns that identify a row, by the sink's name.
            ignoring: Columns that may differ.
            shared: Partitions that several intervals may write, by the sink's name.

        Raises:
            PipelineFailedError: An interval alone is no success.
            ExpectationError: A partition belongs to two intervals, or rows of an interval are
                lost, changed or there twice.
            InputError: There are less than two intervals, or the order is not known.
        """
        __tracebackhide__ = True
        plan = Backfill(
            pipeline=pipeline,
            intervals=tuple(over),
            order=order,
            side_by_side=side_by_side,
            keys=columns_of(keys),
            ignoring=tuple(ignoring),
            shared={name: tuple(ids) for name, ids in (shared or {}).items()},
        )
        done = asked(lambda: require_backfill(self._session, plan))
        held(f"pipeline {pipeline}", "backfill")
        return done
