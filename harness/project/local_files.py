"""Local files that a source names as its author's machine has them, found in the repository."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from harness.project.container_paths import ROOTS
from harness.project.syntax import of_each_text
from harness.project.workspace import LEFT_OUT, is_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.project.model import Project

_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
# A path with a longer piece cannot even be looked for.
_LONGEST = 250
_LARGEST_COPY = 100_000_000


def found(project: Project, path: str) -> Path | None:
    """The file or folder of the repository that a path in the source means; None if none is there.

    Args:
        project: The project.
        path: As the source names it: in Mage's container, on Windows, absolute, or relative to the
            project or to the folder above it, which is where Mage's image starts.
    """
    if len(path.encode("utf-8", "replace")) > _LONGEST:
        return None
    if _DRIVE.match(path):
        return _by_ending(project, re.split(r"[/\\]", path)[1:])
    root = next((one for one in ROOTS if path == one or path.startswith(f"{one}/")), None)
    if path.startswith("/") and root is None:
        return Path(path) if Path(path).exists() else None
    parts = [one for one in path.removeprefix(root or "").split("/") if one not in ("", ".")]
    places = [Path(*parts)] if root is None else []
    # The project's folder has another name in the container than here, more often than not.
    if len(parts) > 1 and (root or parts[0] == project.name):
        places.append(Path(*parts[1:]))
    places += [Path("..", *parts), Path(*parts)]
    here = (project.path / place for place in places)
    return next((place for place in here if place.exists()), None)


def lend(project: Project, copy: Path) -> list[str]:
    """Put what the source names otherwise than the repository where a run looks for it.

    A run starts in the project's folder; Mage's image in the one above. A path of Windows is a
    relative one here.

    Args:
        project: The project.
        copy: The workspace's copy of it.

    Returns:
        For the reader of the run, what stands for the paths of Windows.
    """
    told = []
    for text in sorted(set(_texts(copy))):
        if _DRIVE.match(text):
            source = found(project, text)
            if source is not None and _copied(source, copy / text):
                told.append(f"{text} is {_shown(project, source)} of the repository")
            continue
        path = PurePosixPath(text)
        if path.is_absolute() or len(path.parts) < 2:  # noqa: PLR2004
            continue
        inner = copy / path.parts[1]
        link = copy / path.parts[0] / path.parts[1]
        known = link.exists() or (copy / path.parts[0]).is_file()
        if path.parts[0] == project.name and inner.exists() and not known:
            # No link to the project itself, which would have no end.
            link.parent.mkdir(mode=0o700, exist_ok=True)
            link.symlink_to(Path("..", path.parts[1]))
        elif not (copy / path.parts[0]).exists():
            beside = project.path.parent / text
            if not LEFT_OUT & set(path.parts):
                _copied(beside, copy / text)
    return told


def _texts(copy: Path) -> Iterator[str]:
    """What may be paths among the texts of the Python files."""
    for file in sorted(copy.rglob("*.py")):
        yield from _paths(file)


@of_each_text
def _paths(tree: ast.Module) -> tuple[str, ...]:
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return tuple(text.removeprefix("./") for text in texts if _may_be_path(text))


def _may_be_path(text: str) -> bool:
    plain = text.isprintable() and len(text.encode()) <= _LONGEST
    outside = "://" in text or ".." in re.split(r"[/\\]", text)
    return plain and not outside and ("/" in text or _DRIVE.match(text) is not None)


def _by_ending(project: Project, parts: list[str]) -> Path | None:
    """The file whose path ends as the author's does, the longest such ending first."""
    for start in range(len(parts)):
        for base in (project.path, project.path.parent):
            place = base.joinpath(*parts[start:])
            if place.is_file():
                return place
    return None


def _copied(source: Path, target: Path) -> bool:
    """Copy a file, where it is one and no key."""
    if not source.is_file() or target.exists() or is_key(source):
        return False
    if source.stat().st_size > _LARGEST_COPY:
        return False
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return True


def _shown(project: Project, source: Path) -> Path:
    inside = source.is_relative_to(project.path)
    return source.relative_to(project.path if inside else project.path.parent)
