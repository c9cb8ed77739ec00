"""Look at a project, and say what each pipeline's run depends on."""

from __future__ import annotations

import secrets
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from harness.contracts.store import contract_file, contracts_folder
from harness.inspect.inspection import inspect
from harness.project.dockerfile import dockerfile_of
from harness.project.local_files import found
from harness.project.recipe import mage_recipe
from harness.selection.digest import digest_of, digest_of_file
from harness.selection.fixtures import Fixtures
from harness.selection.inputs import Inputs
from harness.selection.projectfiles import ProjectFiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from harness.inspect.model import Inspection
    from harness.project.model import Pipeline, Project
    from harness.settings import Settings

OF_ALL = (
    *("provider", "images", "build_args", "at", "env", "secrets", "sleep", "network", "allow"),
    *("gcp_project", "postgres", "gcs", "bigquery", "profiles", "mage_python"),
    *("real_google", "real_location"),
)
"""Settings that count for each run."""
OF_ONE = ("entry", "accept", "needs")
"""Settings that count for the run of the pipeline that they name."""
BY_CONTENT = (
    *("project", "fixtures", "contracts", "files", "env_file"),
    *("requirements", "mage_version", "python", "dockerfile"),
)
"""Settings that name what counts by its content."""
OF_NONE = (
    *("cache", "deadline", "ports", "runner"),
    *("record", "resolve", "match_headers"),
)
"""Settings that do not count: where things are kept, how long a run may take, how it is started,
and what only recording knows."""


class Looking:
    """Says what the runs of a project's pipelines depend on, as its files are at the first look.

    Args:
        project: The project.
        settings: How its pipelines are run.
        key: A secret of whoever keeps the inputs, since settings may hold secrets.
    """

    def __init__(self, project: Project, *, settings: Settings, key: bytes = b"") -> None:
        self._project = project
        self._settings = settings
        self._key = key
        apart = {settings.fixtures, contracts_folder(settings), project.path / "pyproject.toml"}
        self._files = ProjectFiles(project, apart=frozenset(apart))
        # What pipelines share is read once for all of them.
        self._digest = lru_cache(None)(digest_of_file)
        self._fixtures = Fixtures(settings, digest=self._digest)

    def inputs(self, pipeline: str, *, given: Mapping[str, Any]) -> Inputs:
        """What a run depends on, with the runs of the pipelines that it needs or triggers.

        Args:
            pipeline: The pipeline's uuid.
            given: What else is asked of the run, by a name for it, such as its variables.

        Raises:
            ProjectError: A pipeline does not exist or cannot be read.
            CassetteError: A cassette cannot be read.
            InputError: A seed is not right.
        """
        parts = {**self._common}
        parts |= {name: digest_of(value, key=self._key) for name, value in given.items()}
        known = {one.uuid for one in self._project.pipelines}
        waiting, seen = [pipeline], set[str]()
        while waiting:
            one = self._project.pipeline(waiting.pop())
            if one.uuid not in seen:
                seen.add(one.uuid)
                inspection = inspect(self._project, one, environ=self._settings.env)
                parts |= self._files_of(self._files.of(one, inspection))
                parts |= dict(self._elsewhere(inspection))
                parts |= dict(self._fixtures.parts(inspection))
                parts |= dict(self._of(one))
                triggered = {use.name for use in inspection.of("pipeline")}
                waiting += [*self._settings.needs.get(one.uuid, ()), *sorted(triggered & known)]
        return Inputs(parts=parts)

    @cached_property
    def _common(self) -> Mapping[str, str]:
        settings = self._settings
        parts = {
            "mage-harness": version("mage-harness"),
            "Mage's environment": mage_recipe(settings, self._project).key,
            **self._files_of(self._files.of_all()),
        }
        for name in OF_ALL:
            parts[f"setting {name}"] = digest_of(getattr(settings, name), key=self._key)
        if settings.env_file is not None:
            parts["setting env_file"] = digest_of_file(settings.env_file)
        if settings.provider == "docker":
            dockerfile = dockerfile_of(settings, self._project)
            if dockerfile is not None:
                parts["the Dockerfile"] = digest_of_file(dockerfile)
        return parts

    def _of(self, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
        for name in OF_ONE:
            value = getattr(self._settings, name).get(pipeline.uuid)
            yield f"setting {name}.{pipeline.uuid}", digest_of(value)
        contract = contract_file(self._settings, pipeline.uuid)
        if contract.is_file():
            yield f"contract {pipeline.uuid}", digest_of_file(contract)

    def _elsewhere(self, inspection: Inspection) -> Iterator[tuple[str, str]]:
        """Files outside of the project that its source names and a run would find."""
        home = self._project.path.resolve()
        for use in inspection.of("path"):
            place = found(self._project, use.value or use.name) if use.access != "writes" else None
            if place is not None and not place.resolve().is_relative_to(home):
                # Nobody knows how much is in a folder: what lies there is another each time.
                content = digest_of_file(place) if place.is_file() else secrets.token_hex()
                yield f"{use.value or use.name}, outside of the project", content

    def _files_of(self, files: Iterable[Path]) -> dict[str, str]:
        return {file.as_posix(): self._digest(self._project.within(file)) for file in files}
