"""What Mage's engine says of a pipeline run at its end: the status of each block's row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.project.model import Pipeline

COMPLETED, CONDITION_FAILED, FAILED = "completed", "condition_failed", "failed"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of ``block_run``.

    Attributes:
        name: What stands in it: the block's uuid, and for a child what tells it apart.
        block: The block's uuid.
        child: Whether it is of one child of the block.
        status: Its status, such as ``completed``.
        hook: Whether it is of a global hook.
    """

    name: str
    block: str
    child: bool
    status: str
    hook: bool


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A pipeline run with its blocks.

    Attributes:
        number: The run's number; that of the run that was asked for is 1.
        pipeline: The pipeline's uuid.
        status: The run's status, as a scheduler would set it.
        rows: The rows of its blocks.
    """

    number: int
    pipeline: str
    status: str
    rows: tuple[Row, ...]

    def status_of(self, uuid: str) -> str:
        """The status of a block's own row; empty where it has none."""
        return next((row.status for row in self.rows if row.name == uuid), "")

    def children(self, uuid: str) -> tuple[str, ...]:
        """The statuses of the rows of a block's children."""
        return tuple(row.status for row in self.rows if row.block == uuid and row.child)


def rows_of(events: Iterable[Mapping[str, Any]], pipeline: Pipeline) -> Rows | None:
    """What the engine says of a run; None where it came to no end.

    Args:
        events: The tap's events of this one run.
        pipeline: The pipeline.
    """
    for event in events:
        if event["event"] == "run_end":
            return Rows(
                number=event["number"],
                pipeline=event["pipeline"],
                status=event["status"],
                rows=tuple(_row(row, pipeline) for row in event["blocks"]),
            )
    return None


def _row(told: Mapping[str, Any], pipeline: Pipeline) -> Row:
    """A row; a replicated block's has the uuid of the block whose code it uses behind a colon."""
    name = told["block"]
    for block in pipeline.blocks:
        if name in (block.uuid, f"{block.uuid}:{block.replicated}"):
            return Row(
                name=block.uuid, block=block.uuid, child=False, status=told["status"], hook=False
            )
    uuid, _, child = name.partition(":")
    return Row(name=name, block=uuid, child=bool(child), status=told["status"], hook=told["hook"])
