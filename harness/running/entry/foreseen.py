"""What the lint finds that would be a problem of a run, by the entry that the run would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.project.lint import lint
from harness.running.asked import NOTHING
from harness.running.entry.choice import Choice, choose
from harness.running.verdict.by_entry import without_effect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.problem import Problem
    from harness.project.model import Project
    from harness.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What is known of runs before them.

    Attributes:
        problems: What would be problems of the runs, or may be.
        notes: Why other findings would be none, a line for each reason.
    """

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def foreseen(project: Project, *, pipelines: Sequence[str] | None, settings: Settings) -> Foreseen:
    """Look at pipelines without running them, as a run would.

    Args:
        project: The project.
        pipelines: The uuids to look at; all if not given.
        settings: With the entries that are settled, and the problems that are accepted.

    Raises:
        ProjectError: A pipeline that was named does not exist or cannot be read.
    """
    problems: list[Problem] = []
    notes: dict[str, None] = {}
    choices = _choices(project, settings)
    for problem in lint(project, pipelines=pipelines):
        choice = choices.get(problem.pipeline)
        if choice is not None and without_effect(
            problem, entry=choice.entry, pipeline=project.pipeline(problem.pipeline)
        ):
            by = "by Mage's engine" if choice.entry == "engine" else "block by block"
            notes[f"{problem.pipeline} runs {by}: {choice.why}"] = None
        elif problem.code in settings.accept.get(problem.pipeline, ()):
            notes[f"accepted by the settings: {problem}"] = None
        else:
            problems.append(problem)
    return Foreseen(problems=tuple(problems), notes=tuple(notes))


def _choices(project: Project, settings: Settings) -> Mapping[str, Choice]:
    """The entry of each pipeline that can be run."""
    found = {}
    for pipeline in project.pipelines:
        settled = settings.entry.get(pipeline.uuid)
        try:
            found[pipeline.uuid] = choose(project, pipeline, asked=NOTHING, settled=settled)
        except InputError:
            # What is not supported yet is a finding of the lint.
            continue
    return found
