"""What Mage's engine says at the end of a run, and what it swallows: its rows, and callbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.problem import Problem
from harness.running.block_run import COMPLETED, FAILED
from harness.running.verdict.places import file_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Block
    from harness.running.block_run import BlockRun
    from harness.running.entry.rows import Row, Rows
    from harness.running.verdict.judge import Evidence

_SETTLED = frozenset({"completed", "condition_failed"})
BY_ENGINE = frozenset({"engine", "trigger"})


def problems(evidence: Evidence) -> Iterator[Problem]:
    """What the engine left undone or says has failed, and callbacks that it did not call."""
    if evidence.process.timed_out:
        return
    if evidence.entry in BY_ENGINE:
        yield from _rows(evidence)
    if evidence.entry != "pipeline" and evidence.process.exit_status >= 0:
        yield from _callbacks(evidence)


def _rows(evidence: Evidence) -> Iterator[Problem]:
    rows = evidence.rows
    if rows is None:
        if evidence.process.exit_status == 0:
            yield Problem(
                code="not-completed",
                message="Mage's engine never told how its pipeline run ended",
                pipeline=evidence.pipeline.uuid,
            )
        return
    for row in rows.rows:
        yield from _row(evidence, rows, row)
    for block, run in evidence.expected():
        ended = rows.children(block.uuid).count("completed")
        if run.status == COMPLETED and ended > run.children:
            yield _problem(
                evidence,
                block,
                "block-not-run",
                f"the engine says that {ended} children of the block completed, and {run.children} "
                "ran",
            )
        if run.children == 1 and not run.inputs and _called(evidence, block, run):
            yield _without_items(evidence, block)


def _called(evidence: Evidence, block: Block, run: BlockRun) -> bool:
    """Whether a block's function was called, or would have been but for a missing input."""
    above = [one for one in evidence.blocks if one.uuid in block.upstream]
    return run.polls > 0 or not any(one.rows_out for one in above)


def _without_items(evidence: Evidence, block: Block) -> Problem:
    return _problem(
        evidence,
        block,
        "dynamic-empty",
        f"{', '.join(block.upstream)} handed on no list of items, and Mage ran one child of the "
        "block without an input; hand on at least one item, or hold the block back by a condition",
    )


def _row(evidence: Evidence, rows: Rows, row: Row) -> Iterator[Problem]:
    if row.hook and row.status not in _SETTLED:
        yield Problem(
            code="hook-failed",
            message=f"the global hook {row.name} is {row.status} at the end, and the blocks behind "
            "it do not run; see what the run printed",
            pipeline=evidence.pipeline.uuid,
        )
    elif row.status not in _SETTLED and evidence.process.exit_status == 0:
        block = evidence.block(row.block)
        failed = row.status == "failed" or not any(one.status == "failed" for one in rows.rows)
        if failed and block is not None:
            yield _problem(
                evidence,
                block,
                "block-failed" if row.status == "failed" else "block-not-run",
                f"Mage's engine left {row.name} {row.status.replace('_', ' ')}, and ended with 0",
            )


def _callbacks(evidence: Evidence) -> Iterator[Problem]:
    events = evidence.process.events
    called = {
        (event["parent"], event["block"])
        for event in events
        if event["event"] in ("callback", "callback_error")
    }
    for block, run in evidence.expected():
        for uuid in block.callback_blocks:
            if _ended(run) and (block.uuid, uuid) not in called:
                yield _problem(
                    evidence,
                    block,
                    "callback-not-run",
                    f"the block {run.status}, and Mage never called its callback {uuid}",
                )


def _ended(run: BlockRun) -> bool:
    """Whether Mage should have called the callbacks of a block."""
    return run.status in (COMPLETED, FAILED) and not run.error.startswith("SystemExit")


def _problem(evidence: Evidence, block: Block, code: str, message: str) -> Problem:
    return Problem(
        code=code,
        message=message,
        pipeline=evidence.pipeline.uuid,
        block=block.uuid,
        file=file_of(block),
    )
