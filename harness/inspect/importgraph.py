"""The import graph of a project: which of its files a file brings with it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.inspect.modules import module_file, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from harness.project.model import Project

_DYNAMIC = frozenset({"importlib", "runpy", "pkgutil", "imp"})
_CALLED = frozenset({"__import__", "exec", "execfile"})


@dataclass(frozen=True, kw_only=True)
class Code:
    """Files that are code of something.

    Attributes:
        files: Relative to the project, each once, in the order in which they are met.
        dynamic: Whether one of them chooses what it imports while it runs.
    """

    files: tuple[Path, ...]
    dynamic: bool


def with_imports(project: Project, files: Iterable[Path]) -> Code:
    """Files, and all modules of the project that they import, by whatever way around.

    A package's own ``__init__.py`` runs with each of its modules, and so belongs to them.

    Args:
        project: The project.
        files: Relative to the project.
    """
    found: dict[Path, None] = dict.fromkeys(files)
    waiting = [file for file in found if file.suffix == ".py"]
    dynamic = False
    while waiting:
        file = waiting.pop(0)
        tree = tree_of(project, file)
        if tree is None:
            continue
        dynamic = dynamic or any(map(_is_dynamic, ast.walk(tree)))
        fresh = [one for one in _imported(project, tree, of=file) if one not in found]
        found |= dict.fromkeys(fresh)
        waiting += dict.fromkeys(fresh)
    return Code(files=tuple(found), dynamic=dynamic)


def _is_dynamic(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] in _DYNAMIC for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return not node.level and (node.module or "").split(".")[0] in _DYNAMIC
    return isinstance(node, ast.Name) and node.id in _CALLED


def _imported(project: Project, tree: ast.Module, *, of: Path) -> Iterator[Path]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _parts(project, alias.name, level=0, of=of)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            for alias in node.names:
                name = f"{base}.{alias.name}" if base else alias.name
                yield from _parts(project, name, level=node.level, of=of)


def _parts(project: Project, name: str, *, level: int, of: Path) -> Iterator[Path]:
    """The files of a dotted name: its own, and those of the packages around it."""
    parts = name.split(".")
    first = 0 if level else 1
    for count in range(first, len(parts) + 1):
        file = module_file(project, ".".join(parts[:count]), level=level, of=of)
        if file is not None:
            yield file
