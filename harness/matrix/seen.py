"""One pipeline's run in one cell, and what of it is kept when its files are gone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.expect.blocks import BLOCK, Output
from harness.mutate.trial import Target, tried
from harness.rerun.world import Content, World, written
from harness.running.outputs import output_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from harness.problem import Problem
    from harness.running.result import PipelineRun
    from harness.running.session import Session
    from harness.services.protocol import Column, Sink

_LARGE = "large_"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a pipeline did in one cell.

    Attributes:
        pipeline: Its uuid.
        problems: Why it is no success; those of what it needs where that failed.
        seconds: How long it took.
        blocks: The outputs of its blocks, in the order of the pipeline.
        sinks: What it wrote to the services.
    """

    pipeline: str
    problems: tuple[Problem, ...]
    seconds: float
    blocks: World
    sinks: World

    @property
    def ok(self) -> bool:
        """Whether the verdict is a success."""
        return not self.problems

    @property
    def world(self) -> World:
        """What the blocks returned, and then what is in the services."""
        return World(contents={**self.blocks.contents, **self.sinks.contents})


def seen(session: Session, pipeline: str, *, variables: Mapping[str, Any]) -> Seen:
    """Run a pipeline in emptied services, after what it needs, and keep what it left.

    Args:
        session: Where.
        pipeline: The pipeline's uuid.
        variables: Runtime variables by name.

    Raises:
        InputError: The pipeline or a variable is not right.
        EnvironmentNotAbleError: Mage or a service cannot be started.
    """
    trial = tried(session, Target(pipeline=pipeline, variables=variables))
    run = trial.run
    own = run.pipeline == pipeline
    nothing = World(contents={})
    return Seen(
        pipeline=pipeline,
        problems=run.problems,
        seconds=run.seconds,
        blocks=World(contents=dict(_outputs(run))) if own else nothing,
        sinks=written(session.stack, trial.before) if own else nothing,
    )


def _outputs(run: PipelineRun) -> Iterator[tuple[tuple[str, str], Content]]:
    for block in run.blocks:
        for name in run.outputs(block.uuid):
            _, _, number = name.rpartition("_")
            if name.startswith("output_") and number.isdigit():
                content = _output(run, block.uuid, int(number))
                yield (BLOCK, content.sink.name), content


def _output(run: PipelineRun, block: str, index: int) -> Content:
    output = Output(run, block, index)
    sink = _as_values(output.sink)
    table = None if sink.rows is None else output.read(sink.name)
    digest = "" if table is not None else _digest(run.variables_folder, block, index)
    return Content(sink=sink, table=table, digest=digest, title=output.label)


def _as_values(sink: Sink) -> Sink:
    """Its columns with types of values: the width of a text's offsets is layout."""

    def plain(column: Column) -> Column:
        return replace(column, type=column.type.removeprefix(_LARGE))

    return replace(sink, columns=tuple(map(plain, sink.columns)))


def _digest(variables: Path, block: str, index: int) -> str:
    """The sha256 of what Mage wrote as JSON; what it keeps by joblib is not compared."""
    file = variables / block / f"output_{index}" / "data.json"
    if output_files(variables, block, index) or not file.is_file():
        return ""
    return hashlib.sha256(file.read_bytes()).hexdigest()
