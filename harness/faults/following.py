"""Which problems of a run follow a declared fault."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.plain import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.problem import Problem
    from harness.running.result import PipelineRun


def following(run: PipelineRun) -> PipelineRun:
    """A run whose problems say so where a declared fault came in the same block before.

    Args:
        run: The run, judged.
    """
    if not run.faults:
        return run
    return replace(run, problems=tuple(_told(problem, run.faults) for problem in run.problems))


def _told(problem: Problem, came: Iterable[Mapping[str, Any]]) -> Problem:
    mine = [one for one in came if _concerns(one, problem)]
    if not mine:
        return problem
    counts = Counter(f"{one['service']} {one['what']}" for one in mine)
    told = ", ".join(f"{fault} ({counted(count, 'time')})" for fault, count in counts.items())
    return replace(problem, message=f"{problem.message}; it follows a declared fault: {told}")


def _concerns(fault: Mapping[str, Any], problem: Problem) -> bool:
    """Whether a problem may come of a fault: by its block, or as the same service's word."""
    if not fault["block"] or problem.block in ("", fault["block"]):
        return True
    return problem.code.startswith(f"{fault['service']}-")
