"""What stands beside the blocks and was passed over in silence: expectations, and conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.problem import Problem
from harness.running.block_run import COMPLETED
from harness.running.verdict.places import file_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Block
    from harness.running.verdict.judge import Evidence


def problems(evidence: Evidence) -> Iterator[Problem]:
    """Extensions that never ran, and conditions that returned nothing."""
    if evidence.only is None and not evidence.process.timed_out:
        yield from _extensions(evidence)
    yield from _conditions(evidence)


def _extensions(evidence: Evidence) -> Iterator[Problem]:
    """Great Expectations' blocks are run with the tests of the blocks above them, or never."""
    pipeline = evidence.pipeline
    ran = {event["block"] for event in evidence.process.events if event["event"] == "block_end"}
    completed = {run.uuid for run in evidence.blocks if run.status == COMPLETED}
    known = {block.uuid for block in pipeline.blocks}
    for block in pipeline.extensions:
        above = known & set(block.upstream)
        if block.uuid in ran or (above and not above & completed):
            continue
        why = "" if above else ": it names no block of the pipeline in upstream_blocks"
        yield _problem(
            evidence,
            block,
            "extension-not-run",
            f"Mage never ran the extension {block.uuid}, without a word{why}; correct its "
            "upstream_blocks and the name of its extension",
        )


def _conditions(evidence: Evidence) -> Iterator[Problem]:
    told = {
        (event["condition"], event["block"])
        for event in evidence.process.events
        if event["event"] == "condition" and event["none"]
    }
    for uuid, parent in sorted(told):
        yield _problem(
            evidence,
            evidence.block(uuid),
            "condition-none",
            f"the condition {uuid} returned None, which Mage takes for false, and passed over "
            f"{parent}; return True or False",
        )


def _problem(evidence: Evidence, block: Block | None, code: str, message: str) -> Problem:
    return Problem(
        code=code,
        message=message,
        pipeline=evidence.pipeline.uuid,
        block=block.uuid if block is not None else "",
        file=file_of(block),
    )
