"""The project's own files, as its blocks import them."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.project.blockfile import is_file
from harness.project.located import read_text

if TYPE_CHECKING:
    from harness.project.model import Project

_DEFAULT = "default_repo"


def tree_of(project: Project, file: Path) -> ast.Module | None:
    """The syntax tree of a file, or None where it cannot be read or is not Python.

    Args:
        project: The project.
        file: The file, relative to the project.
    """
    try:
        text = read_text(project.within(file))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (ProjectError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def module_file(
    project: Project, name: str, *, level: int = 0, of: Path | None = None
) -> Path | None:
    """The file of the project that an import names, or None where it names none of its files.

    Args:
        project: The project.
        name: The module's dotted name.
        level: The dots before it.
        of: The importing file, relative to the project.
    """
    parts = [part for part in name.split(".") if part]
    if level and of is not None:
        base = of.parents[level - 1] if level <= len(of.parents) else Path()
    else:
        base = Path()
        if parts[:1] in ([project.name], [_DEFAULT]):
            parts = parts[1:]
    path = base.joinpath(*parts)
    candidates = [path / "__init__.py"]
    if parts:
        candidates.insert(0, path.with_suffix(".py"))
    return next((file for file in candidates if is_file(project.within(file))), None)
