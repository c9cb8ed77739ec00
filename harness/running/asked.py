"""What a run is asked for, beside its pipeline: one field a wish."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.running.variables import check_variables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

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
        blocks: Run these only, each in a process of its own; all of them if empty.
        given: Outputs that blocks left in another run, a folder for each by the block's uuid; the
            run finds them where Mage would have written them.
        debugged: Whether a debugger opens on the terminal where a block fails.
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
    blocks: tuple[str, ...] = ()
    given: Mapping[str, Path] = field(default_factory=dict)
    debugged: bool = False

    @property
    def only(self) -> frozenset[str] | None:
        """The blocks that are to run; None for all."""
        named = self.blocks if self.block is None else (self.block,)
        return frozenset(named) or None


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
    for uuid in asked.only or ():
        pipeline.block(uuid)
    check_variables(asked.variables, project=project, pipelines=[pipeline])
    if asked.deadline is not None and not asked.deadline > 0:
        raise InputError(
            f"the deadline {asked.deadline} is no time",
            remedy="give a number of seconds greater than 0",
        )
