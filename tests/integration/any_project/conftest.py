"""Projects that were never meant for the harness, run untouched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.running.result import PipelineRun
from harness.running.session import Session
from harness.services.stack import Stack

PROJECTS = Path(__file__).parents[2] / "projects"


@pytest.fixture(scope="module")
def stack(mage_settings) -> Iterator[Stack]:
    with Stack(mage_settings) as stack:
        yield stack


@pytest.fixture(scope="module")
def run(mage_settings, stack) -> Callable[..., PipelineRun]:
    """Runs a pipeline of a project, with settings of its own."""

    def run(project: str, pipeline: str, **settings: Any) -> PipelineRun:
        ours = {"needs": {}, "env": {}, "env_file": None, "fixtures": PROJECTS / project / "none"}
        chosen = mage_settings.model_copy(
            update={"project": PROJECTS / project, **ours, **settings}
        )
        return Session(chosen, stack=stack).run(pipeline)

    return run
