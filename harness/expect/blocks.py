"""Block outputs, as Mage keeps them on disk for the next block."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.errors import InputError, MissingSinkError
from harness.expect.finding import asked
from harness.expect.subject import Subject, real_time
from harness.expect.target import Target
from harness.nearest import nearest
from harness.running.outputs import output_shape, read_value
from harness.services.protocol import Column, Sink

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from harness.running.result import PipelineRun

BLOCK = "block"


class BlockTarget(Target):
    """What a block returned. Types are Arrow's, as those of the parquet file between blocks.

    Args:
        output: Which output of which run.
        now: Tells the time of the world that it is in, with a zone.
    """

    def __init__(self, output: Output, *, now: Callable[[], dt.datetime] = real_time) -> None:
        super().__init__(Subject(source=output, sinks=(output.sink,), label=output.label, now=now))
        self._output = output

    def value(self) -> Any:
        """What is no table: the number, text, list or dict that the block returned.

        Raises:
            InputError: It is a table, or a value that Mage did not write as JSON.
        """
        __tracebackhide__ = True
        return asked(lambda: self._output.value)


class Output:
    """One output of a block of a run, as a source of expectations.

    Args:
        run: The run.
        block: The block's uuid.
        index: Which of its outputs, counted from 0.

    Raises:
        InputError: The pipeline has no such block.
        MissingSinkError: The block left no such output.
    """

    def __init__(self, run: PipelineRun, block: str, index: int) -> None:
        blocks = [one.uuid for one in run.blocks]
        if block not in blocks:
            raise InputError(
                f"pipeline {run.pipeline} has no block {block}",
                evidence=[f"nearest: {', '.join(nearest(block, blocks)) or ', '.join(blocks)}"],
            )
        self._run, self._block, self._index = run, block, index
        self.label = f"output_{index} of block {block} in {run.pipeline}"
        if f"output_{index}" not in run.outputs(block):
            found = ", ".join(run.outputs(block)) or "none"
            raise MissingSinkError(
                f"block {block} of pipeline {run.pipeline} left no output_{index}",
                cause=f"it is {run.block(block).status}; a block that returns None leaves none",
                evidence=[f"outputs: {found}"],
            )

    @cached_property
    def sink(self) -> Sink:
        """Its columns and rows, without reading them."""
        shape = output_shape(self._run.variables_folder, self._block, self._index)
        columns = () if shape is None else tuple(shape[1])
        return Sink(
            service=BLOCK,
            name=f"{self._block}/output_{self._index}",
            rows=None if shape is None else shape[0],
            columns=tuple(
                Column(name=one.name, type=str(one.type), nullable=one.nullable) for one in columns
            ),
        )

    @cached_property
    def value(self) -> Any:
        """What is no table."""
        return read_value(self._run.variables_folder, self._block, self._index)

    def inventory(self) -> Sequence[Sink]:
        """Itself."""
        return [self.sink]

    def describe(self, _name: str) -> Sink:
        """Itself."""
        return self.sink

    def read(self, _name: str) -> pa.Table:
        """All its rows."""
        return self._run.output(self._block, self._index)

    def partitions(self, _name: str) -> Mapping[str, int]:
        """None: an output has no partitions."""
        return {}
