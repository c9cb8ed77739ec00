"""Each ``@test`` that a block's source defines really ran, and passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.problem import Problem
from harness.project.source import read_source
from harness.running.block_run import NOT_RUN, RUNNING
from harness.running.verdict.places import file_of, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.running.verdict.judge import Evidence


def problems(evidence: Evidence) -> Iterator[Problem]:
    """Tests that failed, and tests that never ran, though no block's failure had ended the run."""
    cut_short = any(run.error for _, run in evidence.expected())
    for block, run in evidence.expected():
        for test in run.tests:
            if not test.passed:
                yield Problem(
                    code="test-failed",
                    message=f"@test {test.name} failed: {test.message}",
                    pipeline=evidence.pipeline.uuid,
                    block=block.uuid,
                    file=file_of(block),
                    line=test.line,
                )
        if cut_short or run.status in (NOT_RUN, RUNNING) or block.language != "python":
            continue
        ran = {test.name for test in run.tests}
        for defined in read_source(source_of(evidence.project, block), kind=block.type).tests():
            if defined.node.name not in ran and all(one.passed for one in run.tests):
                yield Problem(
                    code="test-not-run",
                    message=f"@test {defined.node.name} is in the source but Mage never ran it",
                    pipeline=evidence.pipeline.uuid,
                    block=block.uuid,
                    file=file_of(block),
                    line=defined.line,
                )
