"""What is kept of each run until the report: its pipeline, its blocks and its arcs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from harness.coverage.arcs import Arc, arcs_of
from harness.running.block_run import NOT_RUN, SKIPPED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.running.result import PipelineRun

_IDLE = frozenset({NOT_RUN, SKIPPED})


@dataclass(frozen=True, kw_only=True)
class Note:
    """One run of a pipeline.

    Attributes:
        project: The folder of the project's source.
        pipeline: The pipeline's uuid.
        by: Who asked for it, such as a test's node id; may be empty.
        blocks: The uuids of the blocks that ran, whether or not to their end.
        arcs: Which line came after which, by file and block; the block is empty for a module.
    """

    project: Path
    pipeline: str
    by: str
    blocks: frozenset[str]
    arcs: Mapping[tuple[Path, str], frozenset[Arc]]

    def as_json(self) -> dict[str, Any]:
        """Lists and texts that another process can make a note of."""
        return {
            "project": str(self.project),
            "pipeline": self.pipeline,
            "by": self.by,
            "blocks": sorted(self.blocks),
            "arcs": [
                [str(file), block, [list(arc) for arc in sorted(arcs)]]
                for (file, block), arcs in self.arcs.items()
            ],
        }

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Self:
        """A note by what ``as_json`` made of it."""
        return cls(
            project=Path(facts["project"]),
            pipeline=facts["pipeline"],
            by=facts["by"],
            blocks=frozenset(facts["blocks"]),
            arcs={
                (Path(file), block): frozenset((before, after) for before, after in arcs)
                for file, block, arcs in facts["arcs"]
            },
        )


def notes_of(run: PipelineRun, *, project: Path, by: str = "") -> tuple[Note, ...]:
    """What is to be kept of a run, and of the runs that it triggered.

    Args:
        run: The run.
        project: The folder of the project's source.
        by: Who asked for it.
    """
    arcs = arcs_of(run)
    others = {one.pipeline for one in run.triggered}
    found = []
    for one in (run, *run.triggered):
        own = {
            (place.file, place.block): ways
            for place, ways in arcs.items()
            if place.pipeline == one.pipeline or (one is run and place.pipeline not in others)
        }
        started = {block.uuid for block in one.blocks if block.status not in _IDLE}
        # Callbacks and conditionals may be known by their code alone.
        seen = {block for _, block in own if block}
        found.append(
            Note(
                project=project,
                pipeline=one.pipeline,
                by=by,
                blocks=frozenset(started | seen),
                arcs=own,
            )
        )
    return tuple(found)
