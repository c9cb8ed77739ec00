"""Which blocks did not run on purpose: by a condition, or since there was nothing to run for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.project.lint.schedule import NEVER_RUN
from harness.running.block_run import COMPLETED, NOT_RUN, SKIPPED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.project.model import Pipeline
    from harness.running.block_run import BlockRun
    from harness.running.entry.rows import Rows


def false_conditions(events: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The blocks that a condition has held back, each with that condition.

    Args:
        events: The tap's events.
    """
    return {
        event["block"]: event["condition"]
        for event in events
        if event["event"] == "condition" and not event["result"]
    }


def held_back(events: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The blocks that Mage passed over, by a false condition or one that failed.

    Args:
        events: The tap's events.
    """
    events = tuple(events)
    failed = {event["parent"] for event in events if event["event"] == "condition_error"}
    return frozenset(failed | false_conditions(events).keys())


def with_skipped(
    blocks: Sequence[BlockRun],
    *,
    pipeline: Pipeline,
    events: Iterable[Mapping[str, Any]],
    rows: Rows | None,
) -> tuple[BlockRun, ...]:
    """Tell blocks that were passed over on purpose from those that merely did not run.

    Args:
        blocks: What each block did.
        pipeline: The pipeline.
        events: The tap's events.
        rows: What the engine says of each block; None for a run without it.
    """
    conditions = false_conditions(events)
    upstream = {block.uuid: block.upstream for block in pipeline.blocks}
    dynamic = _below_dynamic(pipeline)
    runs = {run.uuid: run for run in blocks}
    while True:
        found = {
            uuid: why
            for uuid, run in runs.items()
            if run.status == NOT_RUN
            and (
                why := _without_items(uuid, rows, dynamic)
                or _why(uuid, conditions, runs, upstream.get(uuid, ()), rows)
            )
        }
        if not found:
            break
        for uuid, why in found.items():
            runs[uuid] = replace(runs[uuid], status=SKIPPED, skipped=why)
    return tuple(_children(_no_code(run), rows) for run in runs.values())


def _no_code(run: BlockRun) -> BlockRun:
    if run.type not in NEVER_RUN or run.status != NOT_RUN:
        return run
    return replace(run, status=SKIPPED, skipped=f"Mage never runs a block of type {run.type}")


def _why(
    uuid: str,
    conditions: Mapping[str, str],
    runs: Mapping[str, BlockRun],
    upstream: Sequence[str],
    rows: Rows | None,
) -> str:
    """Why a block was passed over on purpose; empty where it was not."""
    if rows is not None and rows.status_of(uuid) != "condition_failed":
        return ""
    if uuid in conditions:
        return f"its condition {conditions[uuid]} was false"
    above = [parent for parent in upstream if parent in runs and runs[parent].status == SKIPPED]
    return f"{above[0]} above it was skipped" if above else ""


def _without_items(uuid: str, rows: Rows | None, dynamic: frozenset[str]) -> str:
    """Why a block has no children, though the engine has completed it."""
    if uuid not in dynamic or rows is None:
        return ""
    if rows.status_of(uuid) != "completed" or rows.children(uuid):
        return ""
    return "the dynamic block above it handed on nothing"


def _below_dynamic(pipeline: Pipeline) -> frozenset[str]:
    """The blocks of which the engine makes children."""
    found: set[str] = set()
    dynamic = {block.uuid for block in pipeline.blocks if block.dynamic}
    while (
        below := {
            block.uuid for block in pipeline.blocks if (dynamic | found) & set(block.upstream)
        }
        - found
    ):
        found |= below
    return frozenset(found)


def _children(run: BlockRun, rows: Rows | None) -> BlockRun:
    """The block's run, with how many of its children a condition has held back."""
    if rows is None or run.status != COMPLETED:
        return run
    statuses = rows.children(run.uuid)
    held = statuses.count("condition_failed")
    if not held:
        return run
    return replace(run, skipped=f"{held} of its {len(statuses)} children, by a condition")
