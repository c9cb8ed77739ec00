"""Python modules that lie beside a project in its repository, where its blocks import them."""

from __future__ import annotations

import ast
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harness.project.syntax import of_each_text
from harness.project.workspace import LEFT_OUT, is_key

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST_COPY = 100_000_000
_NEVER = LEFT_OUT | {"build", "dist", "fixtures", "tests"}


def lend_modules(project: Path, copy: Path) -> tuple[str, ...]:
    """Put the modules beside a project beside its copy, where its files import them.

    Authors mount the whole repository, or start Mage in it; what they import then need not lie in
    the project. Installed packages go before it.

    Args:
        project: The project's folder.
        copy: The workspace's copy of it.

    Returns:
        The names of the modules.
    """
    given: list[str] = []
    ahead = [copy]
    while ahead:
        for name in sorted(set(_imported(ahead.pop()))):
            source = _module(project.parent, name)
            target = copy.parent / source.name if source is not None else copy
            known = name in sys.stdlib_module_names or _module(copy, name) is not None
            if source is None or known or target.exists() or source.samefile(project):
                continue
            if _copied(source, target):
                given.append(name)
                ahead.append(target)
    return tuple(given)


def _imported(place: Path) -> Iterator[str]:
    """The first names of the modules that a file, or the files of a folder, import."""
    for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
        yield from _first_names(file)


@of_each_text
def _first_names(tree: ast.Module) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= dict.fromkeys(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names[node.module.partition(".")[0]] = None
    return tuple(names)


def _module(folder: Path, name: str) -> Path | None:
    """The file or the folder with Python in it of that name; None where there is neither."""
    file, package = folder / f"{name}.py", folder / name
    if file.is_file():
        return file
    if name in _NEVER or not package.is_dir():
        return None
    return package if next(package.rglob("*.py"), None) is not None else None


def _copied(source: Path, target: Path) -> bool:
    """Copy a module, where it is no larger than code is, without keys and what tools leave."""
    files = [source] if source.is_file() else [one for one in source.rglob("*") if one.is_file()]
    if sum(one.stat().st_size for one in files) > _LARGEST_COPY:
        return False
    if source.is_dir():
        shutil.copytree(source, target, ignore=_left_out, ignore_dangling_symlinks=True)
    else:
        shutil.copyfile(source, target)
    return True


def _left_out(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in LEFT_OUT or is_key(Path(folder, name))}
