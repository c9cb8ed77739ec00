"""Which blocks of each pipeline ran, and which of their tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.project.source import Decorated, read_source
from harness.running.verdict.places import source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from harness.coverage.arcs import Arc
    from harness.coverage.notes import Note
    from harness.project.model import Block, Pipeline, Project


@dataclass(frozen=True, kw_only=True)
class CoveredTest:
    """An ``@test`` function of a block.

    Attributes:
        name: The function's name.
        line: The line of its decorator.
        ran: Whether its body was begun in any run.
    """

    name: str
    line: int
    ran: bool


@dataclass(frozen=True, kw_only=True)
class CoveredBlock:
    """A block of a pipeline, in whichever language.

    Attributes:
        uuid: The block's uuid.
        type: Mage's block type.
        file: Its file, relative to the project; None where it has none.
        runs: In how many runs it was begun.
        tests: Its tests.
    """

    uuid: str
    type: str
    file: Path | None
    runs: int
    tests: tuple[CoveredTest, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CoveredPipeline:
    """A pipeline of the project.

    Attributes:
        uuid: The pipeline's uuid.
        runs: How many runs it had.
        blocks: Its blocks, callbacks and conditionals.
    """

    uuid: str
    runs: int
    blocks: tuple[CoveredBlock, ...]


def covered(
    project: Project, notes: Sequence[Note], *, pipelines: Iterable[Pipeline]
) -> tuple[CoveredPipeline, ...]:
    """What ran of pipelines.

    Args:
        project: The project.
        notes: The project's runs.
        pipelines: The pipelines to tell of.
    """
    return tuple(
        _pipeline(project, one, [note for note in notes if note.pipeline == one.uuid])
        for one in pipelines
    )


def runnable(pipeline: Pipeline) -> tuple[Block, ...]:
    """The blocks of a pipeline that a run can execute."""
    return (*pipeline.blocks, *pipeline.callbacks, *pipeline.conditionals)


def _pipeline(project: Project, pipeline: Pipeline, notes: Sequence[Note]) -> CoveredPipeline:
    return CoveredPipeline(
        uuid=pipeline.uuid,
        runs=len(notes),
        blocks=tuple(_block(project, one, notes) for one in runnable(pipeline)),
    )


def _block(project: Project, block: Block, notes: Sequence[Note]) -> CoveredBlock:
    arcs = {
        arc
        for note in notes
        for (file, uuid), found in note.arcs.items()
        if uuid == block.uuid and file == block.file
        for arc in found
    }
    return CoveredBlock(
        uuid=block.uuid,
        type=block.type,
        file=block.file,
        runs=sum(block.uuid in note.blocks for note in notes),
        tests=tuple(
            CoveredTest(name=one.node.name, line=one.line, ran=_begun(one, arcs))
            for one in _tests(project, block)
        ),
    )


def _tests(project: Project, block: Block) -> tuple[Decorated, ...]:
    if block.language != "python":
        return ()
    return read_source(source_of(project, block), kind=block.type).tests()


def _begun(test: Decorated, arcs: Iterable[Arc]) -> bool:
    """Whether the body of a function was begun.

    An arc from the negative of the function's first line leads there; and one of the module, if
    that is its first line too, to the line itself.
    """
    first = min(one.lineno for one in test.node.decorator_list)
    return any(before == -first and after != first for before, after in arcs)
