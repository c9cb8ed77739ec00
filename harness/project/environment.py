"""Mage's own Python environment: made once for a recipe by uv, then only looked up."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from harness.errors import EnvironmentNotAbleError, SettingsError
from harness.project.environment_make import MARKER, make
from harness.project.interpreter import command, look
from harness.project.recipe import Recipe, mage_recipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.project.model import Project
    from harness.settings import Settings


@dataclass(frozen=True, kw_only=True)
class MageEnvironment:
    """An environment that Mage runs in.

    Attributes:
        python: Its interpreter.
        mage: The words that start the command ``mage``.
        version: The version of mage-ai.
        made: Whether it was made just now.
    """

    python: Path
    mage: tuple[str, ...]
    version: str
    made: bool = False


@dataclass(frozen=True, kw_only=True)
class EnvironmentState:
    """What is there, for a reader.

    Attributes:
        path: The environment's folder, or the interpreter that the settings name.
        ready: Whether it can be used as it is.
        version: The version of mage-ai that it has or would have.
        python: The Python version that it has or would have.
        size: Bytes on the disk; 0 where nothing was made.
        detail: What is missing, or an empty string.
    """

    path: Path
    ready: bool
    version: str
    python: str
    size: int = 0
    detail: str = ""


def ensure_environment(
    settings: Settings,
    project: Project,
    *,
    progress: Callable[[str], None] | None = None,
    recipe: Recipe | None = None,
) -> MageEnvironment:
    """Find the environment for a project, or make it.

    Two processes that need the same one make it once. A build that is broken off leaves nothing.

    Args:
        settings: The settings.
        project: The project.
        progress: Given a line every few seconds while the environment is made.
        recipe: What to install instead of Mage and the project's requirements.

    Raises:
        SettingsError: The interpreter or requirements file that the settings name cannot be used.
        ProjectError: The requirements cannot be read or met.
        EnvironmentNotAbleError: There is no such Python, network, room or permission.
    """
    if settings.mage_python is not None:
        return _given(settings.mage_python)
    recipe = recipe or mage_recipe(settings, project)
    say = progress or _silent
    for note in recipe.notes:
        say(note)
    folder = settings.cache / "mage" / recipe.key
    found = _complete(folder, recipe)
    if found is not None:
        return found
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(folder, say):
            found = _complete(folder, recipe)
            if found is not None:
                return found
            python, version = make(folder, recipe, say)
            return MageEnvironment(
                python=python, mage=command(python, recipe.script), version=version, made=True
            )
    except OSError as error:
        raise EnvironmentNotAbleError(
            f"Mage's environment cannot be kept in {settings.cache}",
            cause=str(error.strerror or error),
            remedy="set the setting `cache` to a folder that can be written, with 3 GB free",
        ) from error


def environment_state(settings: Settings, project: Project) -> EnvironmentState:
    """Look at the environment for a project without making it.

    Raises:
        SettingsError: The requirements file that the settings name is not there.
        ProjectError: The requirements cannot be read.
    """
    if settings.mage_python is not None:
        try:
            version, python = look(settings.mage_python, "mage-ai")
        except SettingsError as error:
            return EnvironmentState(
                path=settings.mage_python, ready=False, version="", python="", detail=str(error)
            )
        return EnvironmentState(
            path=settings.mage_python, ready=True, version=version, python=python
        )
    recipe = mage_recipe(settings, project)
    folder = settings.cache / "mage" / recipe.key
    found = _complete(folder, recipe)
    return EnvironmentState(
        path=folder,
        ready=found is not None,
        version=found.version if found else settings.mage_version,
        python=settings.python,
        size=_size(folder),
        detail="" if found else "it is made at the first run",
    )


def _given(python: Path) -> MageEnvironment:
    version, _ = look(python, "mage-ai")
    return MageEnvironment(python=python, mage=command(python, "mage"), version=version)


def _complete(folder: Path, recipe: Recipe) -> MageEnvironment | None:
    python = folder / "bin" / "python"
    try:
        version = json.loads((folder / MARKER).read_text("utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not python.exists():  # the Python that it was made with was removed
        return None
    return MageEnvironment(python=python, mage=command(python, recipe.script), version=str(version))


class _locked:  # noqa: N801 - reads as a word at its one use
    """Hold the lock of an environment, saying so while another process has it."""

    def __init__(self, folder: Path, progress: Callable[[str], None]) -> None:
        self._lock = FileLock(f"{folder}.lock", mode=0o600)
        self._progress = progress

    def __enter__(self) -> None:
        while True:
            try:
                self._lock.acquire(timeout=1.0)
            except Timeout:
                self._progress("waiting for another process that makes Mage's environment")
            else:
                return

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _size(folder: Path) -> int:
    return sum(
        (Path(parent) / name).lstat().st_size
        for parent, _, names in os.walk(folder)
        for name in names
    )


def _silent(_: str) -> None:
    return
