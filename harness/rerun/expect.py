"""Expectations that need runs of their own, beside those on what was written."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from harness.expect import Expect
from harness.expect.finding import asked
from harness.held import held
from harness.rerun.difference import columns_of
from harness.rerun.idempotency import Plan, require_idempotent
from harness.services.catalogue import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.rerun.outcome import Rerun
    from harness.running.session import Session


class SessionExpect(Expect):
    """Expectations on what pipelines wrote, and on what they do when they run again.

    Args:
        session: The session whose services they write to.
    """

    def __init__(self, session: Session) -> None:
        stack = session.stack
        super().__init__(
            last_run=session.last_run,
            now=stack.clock.now,
            **{name: partial(stack.service, name) for name in NAMES},
        )
        self._session = session

    def idempotent(
        self,
        pipeline: str,
        *,
        variables: Mapping[str, Any] | None = None,
        keys: Mapping[str, str | Sequence[str]] | None = None,
        ignoring: Sequence[str] = (),
        killed: bool = True,
    ) -> tuple[Rerun, ...]:
        """A pipeline that runs again leaves the data of one run.

        It runs twice; and, for each pair of blocks, once killed between them and once whole. Each
        time it starts from the seeds alone. The services hold in the end what the last run left.

        Args:
            pipeline: The pipeline's uuid.
            variables: Runtime variables by name.
            keys: The columns that identify a row, by the sink's name, so that a difference names
                rows by their key: ``{"ny_taxi.trips": "trip_id"}``.
            ignoring: Columns that may differ, such as the time of the load.
            killed: Whether runs are also killed between each pair of blocks.

        Returns:
            The ways in which it was run again.

        Raises:
            PipelineFailedError: The first, undisturbed run is no success.
            ExpectationError: Another run left other data, or failed; the message names the sinks.
            InputError: The pipeline, a variable or the sink of a key is not right.
        """
        __tracebackhide__ = True
        plan = Plan(
            pipeline=pipeline,
            variables=variables or {},
            keys=columns_of(keys),
            ignoring=tuple(ignoring),
            killed=killed,
        )
        done = asked(lambda: require_idempotent(self._session, plan))
        held(f"pipeline {pipeline}", "idempotent")
        return done
