"""What is known of a run when it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import PipelineFailedError
from harness.running.files import found
from harness.running.outputs import output_names, read_output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from harness.problem import Problem
    from harness.project.container_layout import Layout
    from harness.services.protocol import Sink

COMPLETED, FAILED, RUNNING, NOT_RUN = "completed", "failed", "running", "not run"
SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class TestRun:
    """One ``@test`` function of a block that really ran.

    Attributes:
        name: The function's name.
        passed: Whether it ended without an exception.
        line: The line of the failed assertion, or of the function where it passed.
        message: What the failed assertion said.
    """

    name: str
    passed: bool
    line: int | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An attempt of a block that failed, and after which Mage tried again.

    Attributes:
        began: Seconds since the epoch.
        ended: When the next attempt began, in the same seconds.
        error: Class and message of the exception, or the test that failed.
    """

    began: float
    ended: float
    error: str


@dataclass(frozen=True, kw_only=True)
class BlockRun:
    """One block of the pipeline, whether or not it ran.

    Attributes:
        uuid: The block's uuid.
        status: ``completed``, ``failed``, ``running`` (when the run was ended), ``skipped`` (on
            purpose, see below) or ``not run``.
        rows_in: Rows of all inputs together, or None where no input has rows.
        rows_out: Rows of all outputs together, or None where no output has rows.
        seconds: How long it took, without its tests; None where it did not end.
        began: Seconds since the epoch, or None where it did not start.
        ended: Seconds since the epoch, or None where it did not end.
        returned: The kind of value that its function returned: ``none``, ``generator``, the name
            of a class, or an empty string where no function ended.
        line: The line of its function in the block's file.
        error: Class and message of the exception that ended it, or an empty string.
        error_line: The line in the block's file that raised it.
        tests: The tests that ran.
        polls: For a sensor, how often its function was asked.
        inputs: The kinds of its inputs, in the order of its upstream blocks; ``lost`` where Mage
            kept only a description of the value.
        named: How many inputs its function asks for by name, rather than by ``*args``.
        unseen: Runtime variables that its function did not get as they were given.
        failures: Attempts that failed before the last one, for which the block has retries.
        children: For a block below a dynamic one, how many children of it ran.
        skipped: Why it, or some of its children, did not run and need not have; or empty.
    """

    uuid: str
    status: str = NOT_RUN
    rows_in: int | None = None
    rows_out: int | None = None
    seconds: float | None = None
    began: float | None = None
    ended: float | None = None
    returned: str = ""
    line: int | None = None
    error: str = ""
    error_line: int | None = None
    tests: tuple[TestRun, ...] = ()
    polls: int = 0
    inputs: tuple[str, ...] = ()
    named: int = 0
    unseen: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    children: int = 0
    skipped: str = ""

    @property
    def attempts(self) -> int:
        """How often it was begun, its children each counted once; 0 where it never was."""
        return len(self.failures) + 1 if self.began is not None else 0


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
