"""What is known of a run when it has ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.errors import PipelineFailedError
from harness.held import held
from harness.running.asked import NOTHING, Asked
from harness.running.dbt import dbt_nodes
from harness.running.files import found
from harness.running.outputs import output_names, read_output
from harness.running.reconcile import reconciled

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    import pyarrow as pa

    from harness.faults.fault import Fault
    from harness.problem import Problem
    from harness.project.container_layout import Layout
    from harness.running.block_run import BlockRun
    from harness.running.dbt import DbtNode
    from harness.running.reconcile import Holdings, Ledger, Rows
    from harness.services.protocol import Sink


@dataclass(frozen=True, kw_only=True)
class ProcessResult:
    """The process of ``mage run`` after its end.

    Attributes:
        exit_status: As the shell would say it; negative for the signal that ended it.
        timed_out: Whether the harness ended it at the deadline.
        began: Seconds since the epoch.
        seconds: How long it took.
        stdout: The file with what it printed.
        stderr: The file with what it printed to its standard error.
        events: The tap's events, in the order in which they were written.
        stacks: Where each thread was when the deadline came, as Python prints it.
        steps: The single processes of a run block by block, which are told here as one.
    """

    exit_status: int
    timed_out: bool
    began: float
    seconds: float
    stdout: Path
    stderr: Path
    events: tuple[Mapping[str, Any], ...]
    stacks: str = ""
    steps: tuple[ProcessResult, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PipelineRun:
    """A run with its verdict.

    Attributes:
        pipeline: The pipeline's uuid.
        blocks: Every block of the pipeline, in the order of its metadata.
        problems: Why it is not a success; empty for a success.
        accepted: What would be a problem, had the settings not accepted it.
        process: The process that ran it.
        variables_folder: Where Mage kept the blocks' outputs.
        sinks: What the run wrote to the services.
        entry: By which entry it ran: ``pipeline``, ``blocks``, ``engine``, or ``block`` for one
            block alone; ``trigger`` where a block of another pipeline triggered it.
        entry_why: Why by this one; empty where it is the usual one.
        triggered: The runs of the pipelines that blocks of it triggered.
        at: The moment that it was given for the time, such as ``2021-02-01T05:00:00Z``; None for
            the real time.
        layout: What it saw at the paths of Mage's container.
        holdings: What the services hold around it; None where nobody asked for that.
        asked: What was asked of it.
        declared: The faults that were declared when it began, each with how often it had come.
    """

    pipeline: str
    blocks: tuple[BlockRun, ...]
    problems: tuple[Problem, ...]
    process: ProcessResult
    variables_folder: Path
    sinks: tuple[Sink, ...] = ()
    at: str | None = None
    layout: Layout | None = None
    accepted: tuple[Problem, ...] = ()
    entry: str = "pipeline"
    entry_why: str = ""
    triggered: tuple[PipelineRun, ...] = ()
    holdings: Holdings | None = field(default=None, repr=False, compare=False)
    asked: Asked = field(default=NOTHING, repr=False, compare=False)
    declared: tuple[Fault, ...] = field(default=(), repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Whether the pipeline did what its source says."""
        return not self.problems

    @property
    def seconds(self) -> float:
        """Wall time of ``mage run``."""
        return self.process.seconds

    @property
    def stdout(self) -> str:
        """What Mage and the blocks printed."""
        return self.process.stdout.read_text("utf-8", "replace")

    @property
    def stderr(self) -> str:
        """What Mage and the blocks printed to their standard error."""
        return self.process.stderr.read_text("utf-8", "replace")

    @property
    def dbt(self) -> tuple[DbtNode, ...]:
        """The models, tests, seeds and snapshots that dbt came to, in its order."""
        return dbt_nodes(self.process.events)

    @property
    def faults(self) -> tuple[Mapping[str, Any], ...]:
        """The declared faults that its calls met, as docs/run.schema.json has them."""
        told = ("at", "service", "what", "block", "call")
        came = (event for event in self.process.events if event["event"] == "fault")
        return tuple({name: event[name] for name in told} for event in came)

    def block(self, uuid: str) -> BlockRun:
        """One block by its uuid.

        Raises:
            KeyError: The pipeline has no such block.
        """
        for block in self.blocks:
            if block.uuid == uuid:
                return block
        known = ", ".join(block.uuid for block in self.blocks)
        raise KeyError(f"pipeline {self.pipeline} has no block {uuid}; it has {known}")

    def file(self, path: str | Path) -> Path:
        """A file or folder that the run wrote, by the path that its blocks know it by.

        Args:
            path: Absolute, such as ``/home/src/data/trips.parquet``, or relative to the project.

        Raises:
            InputError: There is none; the message names those beside it.
        """
        return found(path, self.layout)

    def output(self, block: str, index: int = 0) -> pa.Table:
        """A block's output as it is on disk, where the next block reads it.

        Args:
            block: The block's uuid.
            index: Which of the block's outputs, counted from 0.

        Raises:
            InputError: There is no such output, or it is not tabular.
        """
        return read_output(self.variables_folder, block, index)

    def outputs(self, block: str) -> tuple[str, ...]:
        """Names of the outputs that a block left on disk, for example ``("output_0",)``."""
        return output_names(self.variables_folder, block)

    def reconciles(
        self,
        *,
        dropped: Mapping[str, Rows] | None = None,
        added: Mapping[str, Rows] | None = None,
        elsewhere: Collection[str] = (),
    ) -> Ledger:
        """Rows in are rows out and rows dropped, for each block and on the way into the services.

        Args:
            dropped: The rows that each block drops, as a number or a range; blocks that are not
                named drop none. Any number may be dropped where this is not given.
            added: The same for rows that a block returns beyond those that it took in.
            elsewhere: Exporters whose rows do not show as rows of a service: they write to a file
                or an API, or merge into rows that are there.

        Returns:
            Where all rows went.

        Raises:
            ExpectationError: Rows are lost between two blocks or on the way to a sink, or dropped
                or added against what is declared.
            PipelineFailedError: The run is no success.
            InputError: A block is not known, or something else has run since.
        """
        __tracebackhide__ = True
        self.require_success()
        ledger = reconciled(self, dropped=dropped, added=added, elsewhere=elsewhere)
        held(f"pipeline {self.pipeline}", "reconciles")
        return ledger

    def require_success(self) -> None:
        """Return if the verdict is a success.

        Raises:
            PipelineFailedError: It is not; the message names every problem and its place.
        """
        __tracebackhide__ = True
        if self.ok:
            return
        count = len(self.problems)
        raise PipelineFailedError(
            f"pipeline {self.pipeline} did not succeed: {count} problem{'s' if count > 1 else ''}",
            evidence=[str(problem) for problem in self.problems],
            remedy=f"mend what is named above; to look at it alone: mage-harness run "
            f"{self.pipeline}, and run.stderr is all that Mage said",
        )
