"""The project's own files, as its blocks import them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.inspect.asked import ask
from harness.project.blockfile import is_file
from harness.project.syntax import syntax_tree

if TYPE_CHECKING:
    import ast

    from harness.project.model import Project

_DEFAULT = "default_repo"


def tree_of(project: Project, file: Path) -> ast.Module | None:
    """The syntax tree of a file, or None where it cannot be read or is not Python.

    Args:
        project: The project.
        file: The file, relative to the project.
    """
    return syntax_tree(ask(project.within(file)))


def module_file(
    project: Project, name: str, *, level: int = 0, of: Path | None = None
) -> Path | None:
    """The file of the project, or beside it, that an import names; None where it is none of these.

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
    if parts and not level:
        # Beside the project in its repository, where a run looks too.
        beside = Path("..", *parts)
        candidates += [beside.with_suffix(".py"), beside / "__init__.py"]
    return next((file for file in candidates if is_file(ask(project.within(file)))), None)
