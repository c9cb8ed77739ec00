"""A pipeline block by block: ``mage run --block-uuid`` for each, in one data folder."""

from __future__ import annotations

import time
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.project.lint.schedule import NEVER_RUN
from harness.running.cold import run_cold
from harness.running.entry.skipping import held_back
from harness.running.jumps import carried
from harness.running.result import ProcessResult
from harness.running.runner import ARCS, STDERR, STDOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from harness.project.model import Block, Pipeline
    from harness.running.runner import Runner, RunRequest


def run_blocks(
    request: RunRequest,
    *,
    pipeline: Pipeline,
    runner: Runner,
    on_event: Callable[[Mapping[str, Any]], None],
) -> ProcessResult:
    """Run each block that is asked for in a process of its own, until one fails.

    A block whose condition is false is passed over, with all that is below it, as the engine does.

    Args:
        request: What to run.
        pipeline: The pipeline.
        runner: Where.
        on_event: Told of each event of the tap soon after it happens.

    Returns:
        All processes as if they were one, with the single ones as its steps.

    Raises:
        InputError: Its blocks wait for each other in a circle.
        EnvironmentNotAbleError: A process cannot be started.
    """
    began, clock = time.time(), time.monotonic()
    steps: list[ProcessResult] = []
    passed: set[str] = set()
    only = request.asked.only
    for number, block in enumerate(in_order(pipeline)):
        if only is not None and block.uuid not in only:
            continue
        if passed & set(block.upstream):
            passed.add(block.uuid)
            continue
        folder = request.folder / f"{number:03d}"
        folder.mkdir(mode=0o700)
        left = request.deadline - (time.monotonic() - clock)
        done = run_cold(
            _of_block(request, block, folder=folder, deadline=left, before=steps),
            runner=runner,
            on_event=on_event,
        )
        steps.append(done)
        if done.timed_out or done.exit_status != 0:
            break
        if block.uuid in held_back(done.events):
            passed.add(block.uuid)
    return _as_one(steps, folder=request.folder, began=began, seconds=time.monotonic() - clock)


def in_order(pipeline: Pipeline) -> tuple[Block, ...]:
    """The blocks that can run, each after those above it.

    Args:
        pipeline: The pipeline.

    Raises:
        InputError: They wait for each other in a circle.
    """
    blocks = {block.uuid: block for block in pipeline.blocks if block.type not in NEVER_RUN}
    above = {
        uuid: [parent for parent in block.upstream if parent in blocks]
        for uuid, block in blocks.items()
    }
    try:
        return tuple(blocks[uuid] for uuid in TopologicalSorter(above).static_order())
    except CycleError as error:
        raise InputError(
            f"the blocks of pipeline {pipeline.uuid} wait for each other in a circle",
            evidence=[" > ".join(error.args[1])],
            remedy=f"mend upstream_blocks in {pipeline.metadata}",
        ) from error


def _of_block(
    request: RunRequest,
    block: Block,
    *,
    folder: Path,
    deadline: float,
    before: Sequence[ProcessResult],
) -> RunRequest:
    killed_after = request.asked.killed_after
    events = [event for step in before for event in step.events]
    if killed_after:
        ended = [event for event in events if event["event"] == "block_end"]
        killed_after -= len(ended)
    asked = replace(request.asked, block=block.uuid, killed_after=killed_after)
    # The run has come to its deadline, where nothing is left of it: this process shows where.
    deadline = max(deadline, 0.01)
    env = carried(request.env, events)
    return replace(request, folder=folder, deadline=deadline, asked=asked, env=env)


def _as_one(
    steps: Sequence[ProcessResult], *, folder: Path, began: float, seconds: float
) -> ProcessResult:
    for name in (STDOUT, STDERR, ARCS):
        parts = [part for step in steps if (part := step.stdout.parent / name).exists()]
        if parts or name != ARCS:
            (folder / name).touch(mode=0o600)
            (folder / name).write_bytes(b"".join(part.read_bytes() for part in parts))
    last = steps[-1] if steps else None
    return ProcessResult(
        exit_status=last.exit_status if last else 0,
        timed_out=last.timed_out if last else False,
        began=began,
        seconds=seconds,
        stdout=folder / STDOUT,
        stderr=folder / STDERR,
        events=tuple(event for step in steps for event in step.events),
        stacks=last.stacks if last else "",
        steps=tuple(steps),
    )
