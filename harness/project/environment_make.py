"""The making of Mage's environment by uv, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError, SettingsError
from harness.project.interpreter import look, of_pyenv, own_python, pythons
from harness.project.uvrun import NoInterpreterError, run_uv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.project.recipe import Recipe

MARKER = "harness-complete.json"
"""The file that says that an environment is whole, with the version of what it has."""


def make(folder: Path, recipe: Recipe, progress: Callable[[str], None]) -> tuple[Path, str]:
    """Make it where it will stay, since its scripts name their place; the marker comes last.

    Args:
        folder: Where it will stay; what is there goes.
        recipe: What to install.
        progress: Given a line every few seconds.

    Returns:
        Its interpreter, and the version of what was wanted.

    Raises:
        ProjectError: The requirements cannot be met.
        EnvironmentNotAbleError: There is no such Python, network, room or permission.
    """
    doing = f"making Mage's environment ({recipe.packages[0] if recipe.packages else 'empty'})"
    python = folder / "bin" / "python"
    _remove(folder)
    try:
        _venv(folder, recipe, progress)
        install = ["pip", "install", "--python", str(python), "--compile-bytecode"]
        wanted = _requirements(folder, recipe)
        run_uv(
            [*install, *wanted, *recipe.packages],
            folder=folder,
            environ=os.environ,
            progress=progress,
            doing=doing,
            lines=recipe.lines,
        )
        version, _ = look(python, recipe.distribution)
        draft = folder / f"{MARKER}.new"
        draft.write_text(json.dumps({"version": version}), "utf-8")
        draft.replace(folder / MARKER)
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
    return python, version


def _requirements(folder: Path, recipe: Recipe) -> list[str]:
    """Uv's arguments for the project's requirements, as they are meant."""
    if not recipe.lines:
        return [] if recipe.requirements is None else ["-r", str(recipe.requirements)]
    file = folder / "requirements.txt"
    file.write_text("".join(f"{line.text}\n" for line in recipe.lines), "utf-8")
    return ["-r", str(file)]


def _venv(folder: Path, recipe: Recipe, progress: Callable[[str], None]) -> None:
    base = own_python()
    own = base.name == f"python{recipe.python}" and base.is_file()
    try:
        _venv_of(str(base) if own else recipe.python, folder, recipe, progress)
    except NoInterpreterError as error:
        other = of_pyenv(recipe.python)
        if other is None:
            raise EnvironmentNotAbleError(
                f"there is no Python {recipe.python} that Mage's environment could be made with",
                cause="the harness does not download one without being told to",
                evidence=pythons(folder.parent) or error.evidence,
                remedy=f"run: uv python install {recipe.python}; or set `python` to one of the "
                "above (mage-ai runs on 3.10 to 3.12)",
            ) from error
        _venv_of(str(other), folder, recipe, progress)


def _venv_of(python: str, folder: Path, recipe: Recipe, progress: Callable[[str], None]) -> None:
    run_uv(
        ["venv", str(folder), "--python", python, "--no-python-downloads", "--no-project"],
        folder=folder.parent,
        environ=os.environ,
        progress=progress,
        doing=f"looking for Python {recipe.python}",
    )


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
