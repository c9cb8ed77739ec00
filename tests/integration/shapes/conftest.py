"""Projects with blocks and pipelines of each shape, run by forks of one server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.running.asked import Asked
from harness.running.result import PipelineRun
from harness.running.session import Session
from harness.services.stack import Stack

PROJECTS = Path(__file__).parents[2] / "projects"


@pytest.fixture(scope="module")
def stack(mage_settings) -> Iterator[Stack]:
    with Stack(mage_settings) as stack:
        yield stack


@pytest.fixture(scope="module")
def session(mage_settings, stack) -> Iterator[Callable[[str], Session]]:
    """Gives the session of a project, the same for each of its pipelines."""
    made: dict[str, Session] = {}
    ours: dict[str, Any] = {"needs": {}, "env": {}, "env_file": None, "runner": "warm"}

    def session(project: str) -> Session:
        if project not in made:
            folder = PROJECTS / project
            settings = mage_settings.model_copy(
                update={"project": folder, "fixtures": folder / "none", **ours}
            )
            made[project] = Session(settings, stack=stack)
        return made[project]

    yield session
    for one in made.values():
        one.__exit__(None, None, None)


@pytest.fixture(scope="module")
def run(session) -> Callable[..., PipelineRun]:
    """Runs a pipeline of a project."""
    return lambda project, pipeline, **asked: session(project).run(pipeline, asked=Asked(**asked))


def codes(run: PipelineRun) -> list[tuple[str, str]]:
    """The problems of a run, each with its block."""
    return [(one.code, one.block) for one in run.problems]
