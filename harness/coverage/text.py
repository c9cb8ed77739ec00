"""What ran of a project's pipelines, for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.plain import counted, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.coverage.pipelines import CoveredBlock, CoveredPipeline


_WORDS = {"callback": "callback", "conditional": "condition"}
"""What runs beside the blocks of a pipeline, by Mage's type, as a reader calls it."""


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
        tests = [test for block in pipeline.blocks for test in block.tests]
        parts = [counted(pipeline.runs, "run"), *_ran(pipeline)]
        if tests:
            parts.append(f"{sum(test.ran for test in tests)} of {counted(len(tests), 'test')}")
        yield f"{name}: {', '.join(parts)}"
        for block in pipeline.blocks:
            yield from _block(block)


def _content(pipeline: CoveredPipeline) -> str:
    tests = sum(len(block.tests) for block in pipeline.blocks)
    parts = [counted(len(found), word) for word, found in _by_word(pipeline).items()]
    return ", ".join([*parts, counted(tests, "test")] if tests else parts)


def _ran(pipeline: CoveredPipeline) -> Iterator[str]:
    for word, found in _by_word(pipeline).items():
        ran = sum(block.runs > 0 for block in found)
        yield f"{ran} of {counted(len(found), word)}"


def _by_word(pipeline: CoveredPipeline) -> dict[str, list[CoveredBlock]]:
    """What a run executes, by what it is called; blocks come first, also where there is none."""
    found: dict[str, list[CoveredBlock]] = {"block": []}
    found |= {word: [] for word in sorted({_word(block) for block in pipeline.blocks})}
    for block in pipeline.blocks:
        found[_word(block)].append(block)
    return found


def _word(block: CoveredBlock) -> str:
    return _WORDS.get(block.type, "block")


def _block(block: CoveredBlock) -> Iterator[str]:
    place = readable(str(block.file or "no file"))
    if not block.runs:
        yield f"  {_word(block)} never ran: {readable(block.uuid)} ({place})"
    for test in block.tests:
        if not test.ran:
            yield f"  @test never ran: {readable(test.name)} ({place}:{test.line})"
