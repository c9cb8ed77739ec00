"""Which blocks `mage run` reaches, by the rules of its own loop.

Follows ``Pipeline.execute``, ``run_blocks`` and ``Pipeline.__initialize_blocks_by_uuid`` of mage-ai
0.9.80: it starts at the blocks without upstream blocks, goes on along ``downstream_blocks`` only,
and holds a block back until its ``upstream_blocks`` have started.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.project.model import Pipeline

# NON_PIPELINE_EXECUTABLE_BLOCK_TYPES of data_preparation/models/constants.py.
NEVER_RUN = frozenset({"chart", "markdown", "scratchpad"})


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What a whole-pipeline run does with each block.

    Attributes:
        started: Blocks that run.
        stuck: Blocks that are waited for until Mage gives up with an error.
        passed_over: Blocks that no run reaches, without a word.
    """

    started: frozenset[str]
    stuck: frozenset[str]
    passed_over: frozenset[str]


def schedule(pipeline: Pipeline) -> Schedule:
    """Follow Mage's loop over a pipeline's blocks."""
    known = {
        block.uuid
        for block in (
            *pipeline.blocks,
            *pipeline.callbacks,
            *pipeline.conditionals,
            *pipeline.widgets,
        )
    }
    blocks = {block.uuid: block for block in pipeline.blocks}
    above = {uuid: set(block.upstream) & known for uuid, block in blocks.items()}
    queued = {uuid for uuid, parents in above.items() if not parents}
    started: set[str] = set()
    while ready := {
        uuid
        for uuid in queued - started
        if blocks[uuid].type not in NEVER_RUN and above[uuid] <= started
    }:
        started |= ready
        for uuid in ready:
            queued |= set(blocks[uuid].downstream) & blocks.keys()
    runnable = {uuid for uuid, block in blocks.items() if block.type not in NEVER_RUN}
    return Schedule(
        started=frozenset(started),
        stuck=frozenset((queued - started) & runnable),
        passed_over=frozenset(runnable - queued),
    )
