"""One run of a pipeline for a comparison: the same world each time, with or without a change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.running.asked import Asked
from harness.running.plan import plan
from harness.running.variables import known_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.running.result import PipelineRun
    from harness.running.session import Session
    from harness.services.protocol import Sink


@dataclass(frozen=True, kw_only=True)
class Target:
    """The pipeline whose code is changed.

    Attributes:
        pipeline: Its uuid.
        variables: Runtime variables by name.
    """

    pipeline: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A run, after those that it needs.

    Attributes:
        run: The run of the pipeline, or of the first that it needs which failed.
        variables: The runtime variables that it had.
        before: What the services held before it.
    """

    run: PipelineRun
    variables: Mapping[str, Any]
    before: Sequence[Sink]


def tried(
    session: Session,
    target: Target,
    *,
    changed: Mapping[Path, str] | None = None,
    deadline: float | None = None,
    coverage: bool = False,
) -> Trial:
    """Run a pipeline in emptied services, with the seeds and what it needs.

    Args:
        session: Where.
        target: What to run.
        changed: Files of the project that have another text in it.
        deadline: Seconds that its own run may take; the settings' if not given.
        coverage: Whether to collect which lines of the project run.

    Raises:
        InputError: The pipeline or a variable is not right.
        EnvironmentNotAbleError: Mage or a service cannot be started.
    """
    session.changed = changed or {}
    session.reset()
    steps = plan(session.project, [target.pipeline], session.settings.needs)
    for uuid in steps:
        pipeline = session.project.pipeline(uuid)
        given = known_to(target.variables, project=session.project, pipeline=pipeline)
        session.check(uuid)
        session.plant()
        before = session.stack.inventory()
        if uuid == target.pipeline:
            asked = Asked(variables=given, deadline=deadline, inventory=True, coverage=coverage)
        else:
            asked = Asked(variables=given)
        run = session.run(uuid, asked=asked)
        if not run.ok:
            break
    return Trial(run=run, variables=given, before=before)
