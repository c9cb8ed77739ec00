"""Mage's own Python environment: made once for a recipe by uv, then only looked up."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import uv
from filelock import FileLock, Timeout

from harness.errors import EnvironmentNotAbleError, SettingsError
from harness.project.recipe import Recipe, mage_recipe
from harness.project.uvrun import NoInterpreterError, run_uv, uv_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.project.model import Project
    from harness.settings import Settings

_MARKER = "harness-complete.json"
_LOOK = """
import importlib.metadata, json, sys
import {module}
print(json.dumps([importlib.metadata.version({distribution!r}), sys.version.split()[0]]))
"""


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
    folder = settings.cache / "mage" / recipe.key
    found = _complete(folder, recipe)
    if found is not None:
        return found
    say = progress or _silent
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(folder, say):
            found = _complete(folder, recipe)
            return found or _make(folder, recipe, say)
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
            version, python = _look(settings.mage_python, "mage-ai")
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
    version, _ = _look(python, "mage-ai")
    return MageEnvironment(python=python, mage=_command(python, "mage"), version=version)


def _look(python: Path, distribution: str) -> tuple[str, str]:
    code = _LOOK.format(module=distribution.replace("-", "_"), distribution=distribution)
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", code],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or "it did not answer within 120 s"
        raise SettingsError(
            f"the interpreter {python} cannot be started",
            cause=str(reason),
            remedy="correct the setting `mage_python`, or leave it out to have one made",
        ) from error
    if done.returncode != 0:
        raise SettingsError(
            f"the interpreter {python} cannot import {distribution}",
            evidence=done.stderr.strip().splitlines()[-1:],
            remedy=f"install it there (uv pip install --python {python} {distribution}), or leave "
            "the setting `mage_python` out to have an environment made",
        )
    version, number = json.loads(done.stdout.strip().splitlines()[-1])
    return str(version), str(number)


def _command(python: Path, script: str) -> tuple[str, ...]:
    program = python.parent / script
    if program.is_file():
        return (str(python), str(program))
    return (str(python), "-m", "mage_ai.cli.main")


def _complete(folder: Path, recipe: Recipe) -> MageEnvironment | None:
    python = folder / "bin" / "python"
    try:
        version = json.loads((folder / _MARKER).read_text("utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not python.exists():  # the Python that it was made with was removed
        return None
    return MageEnvironment(
        python=python, mage=_command(python, recipe.script), version=str(version)
    )


def _make(folder: Path, recipe: Recipe, progress: Callable[[str], None]) -> MageEnvironment:
    """Make it where it will stay, since its scripts name their place; the marker comes last."""
    doing = f"making Mage's environment ({recipe.packages[0] if recipe.packages else 'empty'})"
    python = folder / "bin" / "python"
    _remove(folder)
    try:
        _venv(folder, recipe, progress)
        install = ["pip", "install", "--python", str(python), "--compile-bytecode"]
        wanted = ["-r", str(recipe.requirements)] if recipe.requirements else []
        run_uv(
            [*install, *wanted, *recipe.packages],
            folder=folder,
            environ=os.environ,
            progress=progress,
            doing=doing,
        )
        version, _ = _look(python, recipe.distribution)
        draft = folder / f"{_MARKER}.new"
        draft.write_text(json.dumps({"version": version}), "utf-8")
        draft.replace(folder / _MARKER)
    except SettingsError as error:
        _remove(folder)
        raise EnvironmentNotAbleError(
            "the environment that was made for Mage does not work",
            evidence=error.evidence,
            remedy="try another `mage_version` or `python`",
        ) from error
    except BaseException:
        _remove(folder)
        raise
    return MageEnvironment(
        python=python, mage=_command(python, recipe.script), version=version, made=True
    )


def _venv(folder: Path, recipe: Recipe, progress: Callable[[str], None]) -> None:
    base = _own()
    wanted = (
        str(base) if base.name == f"python{recipe.python}" and base.is_file() else recipe.python
    )
    try:
        run_uv(
            ["venv", str(folder), "--python", wanted, "--no-python-downloads", "--no-project"],
            folder=folder.parent,
            environ=os.environ,
            progress=progress,
            doing=f"looking for Python {recipe.python}",
        )
    except NoInterpreterError as error:
        raise EnvironmentNotAbleError(
            f"there is no Python {recipe.python} that Mage's environment could be made with",
            cause="the harness does not download one without being told to",
            evidence=_pythons(folder.parent) or error.evidence,
            remedy=f"run: uv python install {recipe.python}; or set `python` to one of the above "
            "(mage-ai runs on 3.10 to 3.12)",
        ) from error


def _own() -> Path:
    """The interpreter behind this very process, which uv need not find by itself."""
    return (
        Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    )


def _pythons(folder: Path) -> list[str]:
    """The Pythons that there are, this process's own first, one a line."""
    own = [f"found: cpython-{platform.python_version()} {_own()}"] if _own().is_file() else []
    try:
        done = subprocess.run(
            [uv.find_uv_bin(), "python", "list", "--only-installed"],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=folder,
            env=uv_environment(os.environ),
        )
    except (OSError, subprocess.TimeoutExpired):
        return own
    found = [" ".join(line.split()[:2]) for line in done.stdout.splitlines() if line.strip()]
    return own + [f"found: {line}" for line in found if str(_own()) not in line][:8]


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


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _size(folder: Path) -> int:
    return sum(
        (Path(parent) / name).lstat().st_size
        for parent, _, names in os.walk(folder)
        for name in names
    )


def _silent(_: str) -> None:
    return
