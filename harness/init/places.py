"""Where a repository has its Mage project, and where the tests of it go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import InputError, ProjectError
from harness.project.reader import METADATA, PIPELINES

if TYPE_CHECKING:
    from pathlib import Path

# Deeper than this, nobody keeps a project.
_DEPTH = 4
_LEFT_OUT = frozenset(["node_modules", "venv", "env", "site-packages", "__pycache__"])
_ROOTS = ("pyproject.toml", ".git")


def project_in(folder: Path) -> Path:
    """The Mage project in a folder: itself, or the only one below it.

    Args:
        folder: The folder that the user names.

    Raises:
        ProjectError: There is none.
        InputError: There are several.
    """
    found = projects_below(folder)
    if len(found) == 1:
        return found[0]
    if not found:
        raise ProjectError(
            f"there is no Mage project in {folder}",
            cause="a Mage project has a folder pipelines/ with a folder for each pipeline",
            evidence=[f"looked {_DEPTH} levels deep for {PIPELINES}/*/{METADATA}"],
            remedy="name the project's folder: mage-harness init FOLDER",
        )
    raise InputError(
        f"there are {len(found)} Mage projects in {folder}",
        evidence=[f"{one.relative_to(folder)}: {_count(one)} pipelines" for one in found],
        remedy=f"name one of them: mage-harness init {found[0]}",
    )


def projects_below(folder: Path) -> list[Path]:
    """The Mage projects in a folder, itself or some levels down, sorted.

    Args:
        folder: The folder.
    """
    found: list[Path] = []
    ahead = [(folder, 0)]
    while ahead:
        one, depth = ahead.pop()
        if _count(one):
            found.append(one)
        elif depth < _DEPTH:
            ahead += [(inner, depth + 1) for inner in _folders(one)]
    return sorted(found)


def root_of(project: Path, *, named: Path) -> Path:
    """The folder that gets pyproject.toml, tests/ and fixtures/.

    That is the repository's, unless it has several projects; each of those keeps its own then.

    Args:
        project: The project's folder.
        named: The folder that the user named: the project's, or one above it.
    """
    for folder in (project, *project.parents):
        if any((folder / name).exists() for name in _ROOTS):
            return folder if projects_below(folder) in ([project], []) else project
    return named


def _folders(folder: Path) -> list[Path]:
    try:
        return [
            one
            for one in folder.iterdir()
            if one.is_dir()
            and not one.is_symlink()
            and not one.name.startswith(".")
            and one.name not in _LEFT_OUT
        ]
    except OSError:
        return []


def _count(folder: Path) -> int:
    try:
        return sum(1 for _ in (folder / PIPELINES).glob(f"*/{METADATA}"))
    except OSError:
        return 0
