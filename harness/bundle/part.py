"""Which blocks of a pipeline run, where a part of it is asked for, and what they find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.running.entry.blockwise import in_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from harness.project.model import Block, Pipeline

# Such a block has been handed rows, and hands rows on; others may write to the services.
_READERS = frozenset({"data_loader", "sensor", "transformer"})
_LACKING = "the bundle has no outputs of it"
_WRITES = "the services hold what they held before the run, and it may write to them"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a pipeline.

    Attributes:
        blocks: The blocks that run, in an order in which they can.
        first: Those of them that run only since others need what they do, each with the reason.
        given: The outputs of the bundle that they find, by the block that left them.
    """

    blocks: tuple[str, ...]
    first: Mapping[str, str]
    given: Mapping[str, Path]


def part_of(
    pipeline: Pipeline, *, begin: str | None, until: str | None, kept: Mapping[str, Path]
) -> Part:
    """The blocks from one to another, with what must run before them.

    Args:
        pipeline: The pipeline.
        begin: The first block: it runs with all below it; None for the pipeline's beginning.
        until: The last block: it runs with all above it; None for the pipeline's end.
        kept: The outputs that the bundle has, by block.

    Raises:
        ProjectError: There is no such block.
        InputError: No part of the pipeline can run, or none is between the two.
    """
    _check(pipeline, [uuid for uuid in (begin, until) if uuid is not None])
    order = in_order(pipeline)
    above = {block.uuid: _above(block.uuid, order) for block in order}
    wanted = {
        uuid
        for uuid, parents in above.items()
        if (begin is None or begin in {uuid, *parents})
        and (until is None or uuid in {until, *above[until]})
    }
    if not wanted:
        raise InputError(
            f"there is nothing to run from block {begin} until block {until}",
            cause=f"{until} does not come after {begin}",
            remedy="name them the other way round, or one of them",
        )
    needed = {parent for uuid in wanted for parent in above[uuid]} - wanted
    running, first, given = set(wanted), {}, {}
    for block in reversed([block for block in order if block.uuid in needed]):
        reads = any(block.uuid in child.upstream for child in order if child.uuid in running)
        if reads and block.uuid not in kept:
            first[block.uuid] = _LACKING
        elif _writes(block):
            first[block.uuid] = _WRITES
        elif reads:
            given[block.uuid] = kept[block.uuid]
        if block.uuid in first:
            running.add(block.uuid)
    return Part(
        blocks=tuple(block.uuid for block in order if block.uuid in running),
        first=first,
        given=given,
    )


def _check(pipeline: Pipeline, named: Iterable[str]) -> None:
    runnable = {block.uuid for block in in_order(pipeline)}
    for uuid in named:
        block = pipeline.block(uuid)
        if uuid not in runnable:
            raise InputError(
                f"block {uuid} is none that runs by itself",
                cause=f"it is a {block.type} among the {block.role} of {pipeline.uuid}",
                remedy=f"name one of: {', '.join(sorted(runnable))}",
            )
    dynamic = [block.uuid for block in pipeline.blocks if block.dynamic]
    if dynamic:
        raise InputError(
            f"no part of pipeline {pipeline.uuid} can be run",
            cause=f"{dynamic[0]} is a dynamic block: Mage's engine makes the children of it, and "
            "runs pipelines as a whole",
            remedy="leave out --from and --until",
        )


def _above(uuid: str, order: Collection[Block]) -> set[str]:
    """All blocks above one, however far."""
    upstream = {block.uuid: block.upstream for block in order}
    found: set[str] = set()
    left = [uuid]
    while left:
        parents = {one for one in upstream[left.pop()] if one in upstream} - found
        found |= parents
        left += parents
    return found


def _writes(block: Block) -> bool:
    return block.language != "python" or block.type not in _READERS
