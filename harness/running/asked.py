"""What a run is asked for, beside its pipeline: one field a wish."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.running.variables import check_variables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from harness.project.model import Pipeline, Project


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a run is asked for, beside its pipeline.

    Attributes:
        variables: Runtime variables by name, given to Mage as JSON.
        deadline: Seconds that the run may take; None for what the settings say.
        block: Run this block only (Mage's ``--block-uuid``).
        arguments: Further arguments for ``mage run``, as they are.
        at: The moment that the pipeline and the services have for the time when it begins; None
            for the world's.
        inventory: Whether to look at the services before and after, and say in ``sinks`` what the
            run wrote.
        holdings: Whether to look at the services before it, so that its rows can be reconciled.
        killed_after: Kill Mage's process when so many blocks have ended; 0 for never.
        entry: ``pipeline``, ``blocks`` or ``engine``; None for what the settings say, or else what
            the pipeline needs.
        coverage: Whether to collect which lines of the project's code run, and which after which.
    """

    variables: Mapping[str, Any] = field(default_factory=dict)
    deadline: float | None = None
    block: str | None = None
    arguments: tuple[str, ...] = ()
    at: datetime | str | None = None
    inventory: bool = False
    holdings: bool = False
    killed_after: int = 0
    entry: str | None = None
    coverage: bool = False


NOTHING = Asked()


def check_asked(asked: Asked, *, project: Project, pipeline: Pipeline) -> None:
    """Refuse what no run of a pipeline can be asked for.

    Args:
        asked: What is asked.
        project: The project.
        pipeline: The pipeline.

    Raises:
        ProjectError: It has no such block.
        InputError: A variable is not known, or the deadline is no time.
    """
    if asked.block is not None:
        pipeline.block(asked.block)
    check_variables(asked.variables, project=project, pipelines=[pipeline])
    if asked.deadline is not None and not asked.deadline > 0:
        raise InputError(
            f"the deadline {asked.deadline} is no time",
            remedy="give a number of seconds greater than 0",
        )
