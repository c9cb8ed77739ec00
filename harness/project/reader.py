"""Read a Mage project from its folder.

A pipeline whose metadata.yaml cannot be read does not hide the others: it is kept with its error.
"""

from __future__ import annotations

import os
from pathlib import Path

from harness.errors import ProjectError
from harness.nearest import nearest
from harness.project.declaration import read_pipeline
from harness.project.located import parse_yaml, read_text
from harness.project.model import Pipeline, Project, Unreadable

METADATA = "metadata.yaml"
PIPELINES = "pipelines"
# Folders below `pipelines` deeper than this hold outputs, not pipelines.
_DEPTH = 4


def read_project(path: Path) -> Project:
    """Read a Mage project.

    Args:
        path: The project's folder: the one that holds ``pipelines``.

    Raises:
        ProjectError: There is no such folder, it is not a Mage project, or its own metadata.yaml
            or platform settings cannot be read.
    """
    root = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - `..` without following links
    _check(root)
    _check_metadata(root)
    platform = _is_platform(root)
    pipelines: list[Pipeline] = []
    unreadable: list[Unreadable] = []
    for folder in _folders(root):
        metadata = folder.relative_to(root) / METADATA
        uuid = folder.relative_to(root / PIPELINES).as_posix()
        try:
            located = parse_yaml(read_text(root / metadata, shown=metadata), name=str(metadata))
            pipelines.append(
                read_pipeline(located, root=root, uuid=uuid, metadata=metadata, platform=platform)
            )
        except ProjectError as error:
            unreadable.append(
                Unreadable(
                    uuid=uuid, metadata=metadata, error=error, line=_line_in(error, metadata)
                )
            )
    return Project(
        path=root, name=root.name, pipelines=tuple(pipelines), unreadable=tuple(unreadable)
    )


def _check_metadata(root: Path) -> None:
    """Without the project's own metadata.yaml no pipeline of it can run."""
    if not (root / METADATA).is_file():
        return
    text = read_text(root / METADATA, shown=Path(METADATA))
    # Mage renders it as a template first, and what is not rendered need not be YAML.
    if "{{" not in text and "{%" not in text:
        parse_yaml(text, name=METADATA)


def _check(root: Path) -> None:
    try:
        if not root.exists():
            raise _absent(root)
        if not root.is_dir():
            raise ProjectError(
                f"{root} is not a folder",
                remedy="name the folder of the Mage project: the one that holds pipelines/",
            )
        entries = {entry.name for entry in root.iterdir()}
    except (OSError, ValueError) as error:
        raise ProjectError(
            f"the project's folder {root} cannot be read",
            cause=_reason(error),
            remedy="check the path and who may read it",
        ) from error
    if (root / PIPELINES).is_dir() or {METADATA, "io_config.yaml"} <= entries:
        return
    inner = [
        child.name
        for child in sorted(root.iterdir())
        if not child.name.startswith(".") and _has_pipelines(child)
    ]
    raise ProjectError(
        f"{root} is not a Mage project",
        cause="a Mage project has a folder pipelines/ with a folder for each pipeline",
        evidence=[
            f"looked for: {PIPELINES}/, {METADATA} together with io_config.yaml",
            f"found: {', '.join(sorted(entries)[:12]) or 'nothing, the folder is empty'}",
        ],
        remedy=f"try --project {root / inner[0]}"
        if inner
        else "name another folder: --project DIR",
    )


def _absent(root: Path) -> ProjectError:
    parent = root.parent
    while not parent.is_dir() and parent != parent.parent:
        parent = parent.parent
    names = _subfolders(parent)
    missing = root.relative_to(parent).parts[0]
    near = nearest(missing, names)
    projects = [name for name in names if _has_pipelines(parent / name)]
    evidence = [f"{parent} is there; {missing} in it is not"]
    if projects:
        evidence.append(f"Mage projects there: {', '.join(projects[:8])}")
    best = [*(name for name in near if name in projects), *near, *projects]
    return ProjectError(
        f"there is no folder {root}",
        evidence=evidence,
        remedy=f"did you mean {parent / best[0]}?" if best else "name the project: --project DIR",
    )


def _subfolders(folder: Path) -> list[str]:
    try:
        return sorted(
            child.name
            for child in folder.iterdir()
            if child.is_dir() and not child.name.startswith(".")
        )
    except OSError:
        return []


def _has_pipelines(folder: Path) -> bool:
    try:
        return any((folder / PIPELINES).glob(f"*/{METADATA}"))
    except OSError:
        return False


def _folders(root: Path) -> list[Path]:
    """Folders with a metadata.yaml; `mage run` takes those in sub-folders too, as `sub/name`."""
    found: list[Path] = []
    ahead = [(root / PIPELINES, 0)]
    while ahead:
        folder, depth = ahead.pop()
        try:
            children = sorted(folder.iterdir()) if folder.is_dir() else []
            for child in children:
                if child.name.startswith(".") or not child.is_dir():
                    continue
                if (child / METADATA).exists():
                    found.append(child)
                elif depth < _DEPTH:
                    ahead.append((child, depth + 1))
        except OSError as error:
            raise ProjectError(
                f"{folder} cannot be read",
                cause=_reason(error),
                remedy="check who may read the folder",
            ) from error
    return sorted(found)


def _is_platform(root: Path) -> bool:
    """Whether Mage takes the folder for a platform of several projects (settings/platform)."""
    file = root / "settings.yaml"
    if not file.is_file():
        return False
    content = parse_yaml(read_text(file, shown=Path(file.name)), name=file.name).data
    return isinstance(content, dict) and bool(content.get("projects"))


def _line_in(error: ProjectError, metadata: Path) -> int | None:
    head = error.symptom.removeprefix(f"{metadata}:")
    number = head.split(":", 1)[0]
    return int(number) if head != error.symptom and number.isdigit() else None


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
