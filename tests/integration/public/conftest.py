"""Projects as the public writes them, run as they are: one world for all, emptied for each run.

The runs are warm, where this machine gives that: their verdicts are those of cold ones, which
tests/integration/warm holds them to.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.running.asked import Asked
from harness.running.session import Session
from harness.services.stack import Stack
from tests.integration.public.web import write_web

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.running.result import PipelineRun
    from harness.settings import Settings

PROJECTS = Path(__file__).parents[2] / "projects" / "public"


@dataclass(kw_only=True)
class World:
    """The services that all projects share, and what was told of the last run."""

    settings: Settings
    stack: Stack
    folder: Path
    told: list[str] = field(default_factory=list)

    def run(
        self,
        project: str,
        pipeline: str,
        *,
        seeds: Mapping[str, str] | None = None,
        keep: bool = False,
        at: str | None = None,
        variables: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> PipelineRun:
        """Run a pipeline in an empty world, with texts as seeds, or in what the last run left."""
        self.told.clear()
        fixtures = Path(tempfile.mkdtemp(dir=self.folder))
        for name, text in (seeds or {}).items():
            (fixtures / "seeds" / name).parent.mkdir(parents=True, exist_ok=True)
            (fixtures / "seeds" / name).write_text(text)
        update = {"project": PROJECTS / project, "fixtures": fixtures, **settings}
        chosen = self.settings.model_copy(update=update)
        with Session(chosen, stack=self.stack, progress=self.told.append) as session:
            if not keep:
                session.reset()
            return session.run(pipeline, asked=Asked(variables=variables or {}, at=at))

    def rows(self) -> dict[str, int | None]:
        """The rows of all that the services hold."""
        return {sink.name: sink.rows for sink in self.stack.inventory()}


@pytest.fixture(scope="package")
def world(mage_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All projects' world."""
    folder = tmp_path_factory.mktemp("public")
    write_web(folder / "http")
    ours: dict[str, Any] = {"needs": {}, "env": {}, "env_file": None, "accept": {}}
    ours["runner"] = "auto"
    settings = mage_settings.model_copy(update={"fixtures": folder, **ours})
    with Stack(settings) as stack:
        yield World(settings=settings, stack=stack, folder=folder)
