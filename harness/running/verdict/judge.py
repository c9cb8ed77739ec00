"""Bring the findings of all judges together, each fault named once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from harness.project.lint.schedule import NEVER_RUN
from harness.running.block_run import COMPLETED, SKIPPED
from harness.running.verdict import addons, blocks, dbt, ending, engine, services, sql, tests
from harness.running.verdict.by_entry import without_effect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.problem import Problem
    from harness.project.model import Block, Pipeline, Project
    from harness.running.block_run import BlockRun
    from harness.running.entry.rows import Rows
    from harness.running.result import ProcessResult
    from harness.services.protocol import Incident

# What the lint sees in the source, and a run may still pass by or do without.
_NOT_ALWAYS_REACHED = frozenset({"block-ends-process", "block-hangs"})
_NEVER_CAME_TO_IT = frozenset(
    {"block-ended-process", "condition-failed", "condition-false", "hook-failed", "sensor-skipped"}
)
_OF_DBT = frozenset(
    {
        *("dbt-failed", "dbt-model-failed", "dbt-packages-missing", "dbt-profile-unset"),
        "dbt-test-failed",
    }
)
# A cause explains a consequence, and then the consequence is not a problem of its own.
_EXPLAINS = {
    "block-not-ended": _NEVER_CAME_TO_IT,
    "not-completed": _NEVER_CAME_TO_IT,
    # An exception in the block is why its transaction was not committed.
    "fault-not-retried": frozenset({"block-failed"}),
    "postgres-rolled-back": frozenset({"block-failed"}),
    "postgres-uncommitted": frozenset({"block-failed"}),
    "mysql-rolled-back": frozenset({"block-failed"}),
    "mysql-uncommitted": frozenset({"block-failed"}),
    "block-not-run": _NEVER_CAME_TO_IT
    | frozenset(
        {
            "edge-one-sided",
            "cycle",
            "root-not-executable",
            "no-blocks",
            "pipeline-type-unknown",
            "provider-unknown",
            "file-missing",
            "syntax-error",
            "upstream-unknown",
            "duplicate-block",
            "dynamic-block-unsupported",
        }
    ),
    "test-not-run": frozenset({"test-not-collected"}),
    "output-generator": frozenset({"output-generator"}),
    "mage-failed": frozenset(
        {
            "file-missing",
            "upstream-unknown",
            "dynamic-block-unsupported",
            "cycle",
        }
    ),
    "block-failed": _OF_DBT
    | {"syntax-error", "decorator-missing", "dynamic-block-unsupported", "file-missing"}
    | {"sql-empty"},
    "bigquery-job-failed": _OF_DBT,
    "postgres-error": _OF_DBT,
    "connection-failed": frozenset({"connection-refused"}),
    "dbt-failed": frozenset({"dbt-packages-missing", "dbt-profile-unset"}),
}
_ANYWHERE = frozenset({"block-not-ended", "block-not-run", "mage-failed", "not-completed"})


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that a verdict rests on.

    Attributes:
        project: The project, as its source says.
        pipeline: The pipeline that ran.
        process: The process of ``mage run``.
        blocks: What each block did, in the order of the pipeline.
        lint: What was found in the source before the run.
        incidents: What the services saw go wrong during the run.
        only: The blocks that were asked for, or None for the whole pipeline.
        skip_sensors: Whether Mage was told to skip sensors.
        entry: By which entry it ran, as ``PipelineRun`` has it.
        rows: What Mage's engine says of it; None where it ran without, or came to no end.
    """

    project: Project
    pipeline: Pipeline
    process: ProcessResult
    blocks: tuple[BlockRun, ...]
    lint: Sequence[Problem] = ()
    incidents: Sequence[Incident] = ()
    only: frozenset[str] | None = None
    skip_sensors: bool = False
    entry: str = "pipeline"
    rows: Rows | None = None

    def expected(self) -> tuple[tuple[Block, BlockRun], ...]:
        """The blocks that should have run, each with what it did."""
        return self._expected

    def below(self, uuid: str) -> Sequence[tuple[int, BlockRun]]:
        """The blocks below a block that ran, and which of their inputs is this block's."""
        return self._below.get(uuid, ())

    def block(self, uuid: str) -> Block | None:
        """A block by its uuid; None for what no block is known to have done."""
        return self._declared.get(uuid)

    # Judges ask for these once for each block, so that they must not look at all blocks each time.
    @cached_property
    def _expected(self) -> tuple[tuple[Block, BlockRun], ...]:
        runs = {run.uuid: run for run in self.blocks}
        wanted = (
            (block, runs[block.uuid])
            for block in self.pipeline.blocks
            if (self.only is None or block.uuid in self.only) and block.type not in NEVER_RUN
        )
        return tuple((block, run) for block, run in wanted if run.status != SKIPPED)

    @cached_property
    def _below(self) -> Mapping[str, Sequence[tuple[int, BlockRun]]]:
        found: dict[str, list[tuple[int, BlockRun]]] = {}
        for child, run in self._expected:
            for uuid in dict.fromkeys(child.upstream) if run.began is not None else ():
                found.setdefault(uuid, []).append((child.upstream.index(uuid), run))
        return found

    @cached_property
    def _declared(self) -> Mapping[str, Block]:
        return {block.uuid: block for block in reversed(self.pipeline.all_blocks)}


def judge(evidence: Evidence) -> tuple[Problem, ...]:
    """The problems of a run, causes first; empty for a success."""
    seen = [problem for judge_one in _JUDGES for problem in judge_one(evidence)]
    causes = [problem for problem in evidence.lint if _counts(evidence, problem)]
    kept = [problem for problem in seen if not _explained(problem, [*causes, *seen])]
    return tuple(dict.fromkeys([*causes, *kept]))


_JUDGES = (
    ending.problems,
    engine.problems,
    blocks.problems,
    dbt.problems,
    sql.problems,
    addons.problems,
    tests.problems,
    services.problems,
)


def _counts(evidence: Evidence, problem: Problem) -> bool:
    """Whether a finding in the source did harm in this very run."""
    if problem.code in _NOT_ALWAYS_REACHED:
        return False
    if without_effect(problem, entry=evidence.entry, pipeline=evidence.pipeline):
        return False
    if evidence.only is not None:
        return problem.block in evidence.only
    if problem.code == "edge-one-sided":
        return not _did_no_harm(evidence, problem.block)
    if problem.code == "decorator-missing":
        return not any(run.uuid == problem.block and run.returned for run in evidence.blocks)
    return True


def _did_no_harm(evidence: Evidence, uuid: str) -> bool:
    """Whether all blocks ran after all, each with the data of everything that lists it.

    Args:
        evidence: The evidence.
        uuid: One end of the one-sided edge.
    """
    for block, run in evidence.expected():
        above = {
            parent.uuid for parent in evidence.pipeline.blocks if block.uuid in parent.downstream
        }
        if uuid not in {block.uuid, *block.upstream, *above}:
            continue
        if run.status != COMPLETED or not above <= set(block.upstream):
            return False
    return True


def _explained(problem: Problem, causes: Sequence[Problem]) -> bool:
    codes = _EXPLAINS.get(problem.code, frozenset())
    return any(
        cause is not problem
        and cause.code in codes
        and (problem.code in _ANYWHERE or cause.block in ("", problem.block))
        for cause in causes
    )
