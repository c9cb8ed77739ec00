"""What a test holds in its hand to run pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.running.result import PipelineRun
    from harness.running.session import Session


class Mage:
    """Runs pipelines of the project under test.

    Args:
        session: The session whose services they write to.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def run(
        self,
        pipeline: str,
        *,
        variables: Mapping[str, Any] | None = None,
        deadline: float | None = None,
        block: str | None = None,
        arguments: Sequence[str] = (),
        check: bool = True,
    ) -> PipelineRun:
        """Run a pipeline with the real ``mage run`` and require a success.

        Args:
            pipeline: The pipeline's uuid.
            variables: Runtime variables by name.
            deadline: Seconds that the run may take; the settings' if not given.
            block: Run this block only.
            arguments: Further arguments for ``mage run``, as they are.
            check: Whether anything but a success raises; with False, look at ``.problems``.

        Raises:
            PipelineFailedError: The verdict is not a success.
            InputError: The pipeline, a variable or the io_config.yaml is not right.
            EnvironmentNotAbleError: Mage or a service cannot be started.
        """
        __tracebackhide__ = True
        run = self._session.run(
            pipeline, variables=variables, deadline=deadline, block=block, arguments=arguments
        )
        if check:
            run.require_success()
        return run
