"""Mage's container as a project's author has it: which of a run's folders is seen at which path."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from harness.project.container_paths import named_paths
from harness.project.workspace import LEFT_OUT, is_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.project.container_paths import Named
    from harness.project.model import Project

_LARGEST_COPY = 100_000_000


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What a run sees at the container's paths.

    Attributes:
        project: The workspace's copy of the project, which relative paths are relative to.
        shown: Files and folders of this machine, each with the path that it is seen at, those
            above before those within.
    """

    project: Path
    shown: tuple[tuple[str, str], ...] = ()

    def here(self, path: str | Path) -> Path | None:
        """The file or folder of this machine that a path of the run means.

        Args:
            path: Absolute, or relative to the project.

        Returns:
            Its place, whether or not anything is there; None for one that is none of the run's.
        """
        wanted = PurePosixPath(path)
        if not wanted.is_absolute():
            return self.project / wanted
        for source, target in reversed(self.shown):
            if wanted.is_relative_to(target):
                return Path(source) / wanted.relative_to(target)
        return Path(wanted) if Path(wanted).is_relative_to(self.project) else None


def lay_out(
    project: Project,
    *,
    copy: Path,
    folder: Path,
    variables: Mapping[str, str],
    needed: Iterable[Path] = (),
    key: Path | None = None,
) -> Layout:
    """Make what a run is to see at the paths of Mage's container that its source names.

    The project is seen where the image has it. What lies beside it in its repository is copied
    where the source names it, and what is in no repository, such as a folder for data, is made.

    Args:
        project: The project.
        copy: The workspace's copy of it.
        folder: A private folder that outlives the run: what one pipeline writes, another reads.
        variables: The variables of the pipelines.
        needed: What of this machine the run must see: a root that holds some of it stays as it is.
        key: What stands for a Google key that is not there.
    """
    kept = [path.resolve() for path in needed]
    found = [
        one
        for one in named_paths(copy, variables=variables)
        if not any(path.is_relative_to(one.root) for path in kept)
    ]
    shown: dict[str, str] = {}
    for root in dict.fromkeys(one.root for one in found):
        base = folder / PurePosixPath(root).name
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        shown[root] = str(base)
        within = [one for one in found if one.root == root]
        for first, source in _within(within, project=project, copy=copy).items():
            _mount_point(base / first, source)
            shown[f"{root}/{first}"] = str(source)
        layout = _layout(copy, shown)
        for one in within:
            _make(one, layout=layout, project=project, key=key)
    return _layout(copy, shown)


def _layout(copy: Path, shown: Mapping[str, str]) -> Layout:
    pairs = sorted((target, source) for target, source in shown.items())
    return Layout(project=copy, shown=tuple((source, target) for target, source in pairs))


def _within(named: Sequence[Named], *, project: Project, copy: Path) -> dict[str, Path]:
    """What of the project is seen right below a root, by its name there."""
    found = {project.name: copy}
    for first, *rest in (one.parts for one in named if one.parts):
        if first in found:
            continue
        if (copy / first).exists():
            # The project itself is what the author mounts there.
            found[first] = copy / first
        elif rest and (copy / rest[0]).exists() and not (project.path.parent / first).exists():
            # The author's name for the project's folder is another.
            found[first] = copy
    return found


def _mount_point(place: Path, source: Path) -> None:
    if source.is_dir():
        place.mkdir(mode=0o700, exist_ok=True)
    else:
        place.touch(mode=0o600)


def _make(named: Named, *, layout: Layout, project: Project, key: Path | None) -> None:
    """Make what a source takes for granted at a path."""
    place = layout.here(named.path)
    if place is None or place.exists():
        return
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = project.path.parent.joinpath(*named.parts)
    if named.key and key is not None:
        place.touch(mode=0o600)
        place.write_bytes(key.read_bytes())
    elif named.parts and beside.exists() and not project.path.is_relative_to(beside):
        _copy(beside, place)
    elif named.folder:
        place.mkdir(mode=0o700, exist_ok=True)


def _copy(source: Path, place: Path) -> None:
    """Copy a file or folder, without the author's keys and what tools leave behind."""
    files = [source] if source.is_file() else [one for one in source.rglob("*") if one.is_file()]
    if is_key(source) or sum(one.stat().st_size for one in files) > _LARGEST_COPY:
        return
    if source.is_dir():
        shutil.copytree(source, place, ignore=_left_out, ignore_dangling_symlinks=True)
    else:
        shutil.copyfile(source, place)


def _left_out(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in LEFT_OUT or is_key(Path(folder, name))}
