"""Findings of the lint that are faults by one entry and none by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.running.verdict.engine import BY_ENGINE

if TYPE_CHECKING:
    from harness.problem import Problem
    from harness.project.model import Pipeline

# The other entries run the blocks one after the other, and their addons with them.
_PIPELINE_ENTRY_ONLY = frozenset({"callback-skipped", "condition-skipped", "kwargs-shared"})


def without_effect(problem: Problem, *, entry: str, pipeline: Pipeline) -> bool:
    """Whether a finding does no harm in a run by an entry.

    Args:
        problem: What was found in the source.
        entry: The entry, as ``PipelineRun`` has it.
        pipeline: The pipeline.
    """
    if entry in BY_ENGINE and problem.code == "dynamic-block-unsupported":
        return any(block.uuid == problem.block and block.dynamic for block in pipeline.all_blocks)
    return entry != "pipeline" and problem.code in _PIPELINE_ENTRY_ONLY
