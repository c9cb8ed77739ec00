"""The last run of each pipeline since a session was emptied."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.tap import RAN_VARIABLE

if TYPE_CHECKING:
    from harness.running.result import PipelineRun


class LastRuns:
    """Runs by the uuids of their pipelines."""

    def __init__(self) -> None:
        self._runs: dict[str, PipelineRun] = {}

    def add(self, pipeline: str, run: PipelineRun) -> None:
        """Keep a run in the place of the one before.

        Args:
            pipeline: The pipeline's uuid.
            run: The run.
        """
        self._runs[pipeline] = run

    def clear(self) -> None:
        """Forget all."""
        self._runs.clear()

    def of(self, pipeline: str) -> PipelineRun:
        """The last run of a pipeline.

        Args:
            pipeline: The pipeline's uuid.

        Raises:
            InputError: It has not run since.
        """
        if pipeline not in self._runs:
            raise InputError(
                f"pipeline {pipeline} has not run in this test",
                evidence=[f"pipelines that have: {', '.join(self._runs) or 'none'}"],
                remedy=f'run it first: mage.run("{pipeline}")',
            )
        return self._runs[pipeline]

    def variables(self) -> dict[str, str]:
        """What sensors are told that wait for other pipelines."""
        return {RAN_VARIABLE: json.dumps({uuid: run.ok for uuid, run in self._runs.items()})}
