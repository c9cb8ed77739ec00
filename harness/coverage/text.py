"""What ran of a project's pipelines, for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.plain import counted, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.coverage.pipelines import CoveredBlock, CoveredPipeline


def lines(pipelines: Sequence[CoveredPipeline]) -> Iterator[str]:
    """A line for each pipeline, and one for each of its blocks and tests that never ran.

    Args:
        pipelines: The pipelines, whether or not they ran.
    """
    for pipeline in pipelines:
        name = readable(pipeline.uuid)
        if not pipeline.runs:
            yield f"{name}: never run ({_content(pipeline)})"
            continue
        ran = sum(block.runs > 0 for block in pipeline.blocks)
        tests = [test for block in pipeline.blocks for test in block.tests]
        parts = [
            counted(pipeline.runs, "run"),
            f"{ran} of {counted(len(pipeline.blocks), 'block')}",
        ]
        if tests:
            parts.append(f"{sum(test.ran for test in tests)} of {counted(len(tests), 'test')}")
        yield f"{name}: {', '.join(parts)}"
        for block in pipeline.blocks:
            yield from _block(block)


def _content(pipeline: CoveredPipeline) -> str:
    tests = sum(len(block.tests) for block in pipeline.blocks)
    blocks = counted(len(pipeline.blocks), "block")
    return f"{blocks}, {counted(tests, 'test')}" if tests else blocks


def _block(block: CoveredBlock) -> Iterator[str]:
    place = readable(str(block.file or "no file"))
    if not block.runs:
        yield f"  block never ran: {readable(block.uuid)} ({place})"
    for test in block.tests:
        if not test.ran:
            yield f"  @test never ran: {readable(test.name)} ({place}:{test.line})"
