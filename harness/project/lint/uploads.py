"""SQL blocks side by side that would both write what one block hands on, to one table at once.

``create_upstream_block_tables`` of mage-ai 0.9.80 replaces that table for each of them, and a
whole-pipeline ``mage run`` runs them at the same time.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from harness.project.lint.shared import ancestors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Block, Pipeline


def uploads_at_once(pipeline: Pipeline) -> Iterator[tuple[str, str, str]]:
    """Find them.

    Args:
        pipeline: The pipeline.

    Returns:
        For each pair its two blocks, and the block above both.
    """
    written = {block.uuid: block for block in pipeline.blocks if block.language != "sql"}
    blocks = [one for one in pipeline.blocks if one.language == "sql" and one.type != "dbt"]
    for one, other in combinations(blocks, 2):
        shared = [uuid for uuid in one.upstream if uuid in other.upstream and uuid in written]
        if shared and _provider(one) == _provider(other) and _side_by_side(pipeline, one, other):
            yield one.uuid, other.uuid, shared[0]


def _provider(block: Block) -> object:
    return block.configuration.get("data_provider")


def _side_by_side(pipeline: Pipeline, one: Block, other: Block) -> bool:
    return one.uuid not in ancestors(pipeline, other) and other.uuid not in ancestors(pipeline, one)
