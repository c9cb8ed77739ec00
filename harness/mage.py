"""What a test holds in its hand to run pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.contracts.holding import require

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from harness.contracts.holding import Proposal
    from harness.running.result import PipelineRun
    from harness.running.session import Session


class Mage:
    """Runs pipelines of the project under test.

    Args:
        session: The session whose services they write to.
        approve: Shown a contract as a run would have it, where that differs, and says whether it
            is kept so; None where no contract is to change.
    """

    def __init__(
        self, session: Session, *, approve: Callable[[Proposal], bool] | None = None
    ) -> None:
        self._session = session
        self._approve = approve

    def run(
        self,
        pipeline: str,
        *,
        variables: Mapping[str, Any] | None = None,
        deadline: float | None = None,
        block: str | None = None,
        arguments: Sequence[str] = (),
        at: datetime | str | None = None,
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
            variables=variables,
            deadline=deadline,
            block=block,
            arguments=arguments,
            at=at,
            inventory=contract,
        )
        if check or contract:
            run.require_success()
        if contract:
            require(self._session, run, variables=variables or {}, approve=self._approve)
        return run
