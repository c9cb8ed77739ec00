"""A private copy of a project in which one run happens; the source is never written to."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError, ProjectError
from harness.machine.space import FULL, full
from harness.project.io_config import NAME, minimal, overlay, profile_names
from harness.project.located import read_text
from harness.project.unset import wanted_profiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.project.model import Project

_LARGEST_KEY = 16_384

# What tools and earlier runs leave behind, and files of secrets that a run must not find.
LEFT_OUT = frozenset(
    {
        ".DS_Store",
        ".env",
        ".file_versions",
        ".git",
        ".ipynb_checkpoints",
        ".logs",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".tox",
        ".variables",
        ".venv",
        "__pycache__",
        "mage_data",
        "node_modules",
    }
)
_LARGE = 100_000_000
_SETTINGS = ("metadata.yaml", "settings.yaml")
"""What Mage reads of a project before it looks at a pipeline."""


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The folders of one run, each private to the user.

    Attributes:
        path: The copy of the project; the folder has the project's own name.
        data_dir: ``MAGE_DATA_DIR``, empty and absolute.
        home: ``HOME`` of the run.
        tmp: ``TMPDIR`` of the run.
        logs: For the harness's own logs and events of the run.
        notes: What a reader may want to know about the copy.
    """

    path: Path
    data_dir: Path
    home: Path
    tmp: Path
    logs: Path
    notes: tuple[str, ...] = ()

    @property
    def pipelines(self) -> Path:
        """Where Mage keeps what pipelines leave, a folder for each."""
        return self.data_dir / self.path.name / "pipelines"


def empty_workspace(project: Project, *, folder: Path) -> Workspace:
    """Make the folders of a run that is not asked for yet, with the project's settings alone.

    Args:
        project: The project.
        folder: An absolute folder of this run alone, which is there.

    Raises:
        OSError: They cannot be made.
    """
    space = _workspace(project, folder)
    for place in (space.data_dir, space.home, space.tmp, space.logs, space.path):
        place.mkdir(mode=0o700, parents=True)
    for name in _SETTINGS:
        if (project.path / name).is_file():
            shutil.copyfile(project.path / name, space.path / name)
    return space


def create_workspace(
    project: Project,
    *,
    folder: Path,
    overlay: Mapping[str, str],
    changed: Mapping[Path, str] = MappingProxyType({}),
    profiles: Sequence[str] = (),
) -> Workspace:
    """Copy a project and lead its io_config.yaml to the private services.

    Args:
        project: The project.
        folder: An absolute folder of this run alone; made if it is not there.
        overlay: Keys of io_config.yaml and their values.
        changed: Files that have another text in the copy, relative to the project.
        profiles: Profiles that the copy's io_config.yaml gets where the project's has them not.

    Raises:
        ProjectError: A file of the project cannot be read or copied, or io_config.yaml is not
            valid.
        EnvironmentNotAbleError: There is no room or no permission to write the copy.
    """
    _check(project, folder)
    space = _workspace(project, folder)
    target = space.path
    copier = _Copier(project.path)
    try:
        for place in (folder, space.data_dir, space.home, space.tmp, space.logs, target.parent):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.chmod(0o700)
        copier.folder(project.path, target, trail=())
        for file, text in changed.items():
            (target / file).write_text(text, "utf-8", newline="")
        _write_io_config(project, target, overlay, profiles, copier.notes)
    except OSError as error:
        shutil.rmtree(target.parent, ignore_errors=True)
        raise _not_able(error, folder) from error
    except BaseException:
        shutil.rmtree(target.parent, ignore_errors=True)
        raise
    return replace(space, notes=tuple(copier.notes))


def _workspace(project: Project, folder: Path) -> Workspace:
    return Workspace(
        path=folder / "project" / project.name,
        data_dir=folder / "data",
        home=folder / "home",
        tmp=folder / "tmp",
        logs=folder / "logs",
    )


def _check(project: Project, folder: Path) -> None:
    if folder.resolve().is_relative_to(project.path.resolve()):
        raise ProjectError(
            f"the run's folder {folder} lies inside of the project {project.path}",
            cause="the source tree is never written to",
            remedy="set TMPDIR to a folder outside of the project",
        )
    if "unittest" in str(folder):
        raise EnvironmentNotAbleError(
            f"Mage cannot be run in {folder}",
            cause="Mage takes a path with `unittest` in it for its own test suite",
            remedy="set TMPDIR to a folder with another name",
        )


class _Copier:
    def __init__(self, root: Path) -> None:
        self._root = root
        self.notes: list[str] = []

    def folder(self, source: Path, target: Path, *, trail: tuple[Path, ...]) -> None:
        """Copy a folder; ``trail`` holds the real folders above, to see a link that loops."""
        real = source.resolve()
        if real in trail:
            raise ProjectError(
                f"the link {source} leads back to a folder above it",
                cause="its copy would have no end",
                remedy="remove the link from the project",
            )
        target.mkdir(mode=0o700, exist_ok=True)
        for entry in self._entries(source):
            path = Path(entry.path)
            if entry.name in LEFT_OUT:
                if entry.name == ".env":
                    self._note(path, "left out: a run takes its variables from the settings")
                continue
            if is_key(path):
                self._note(path, "left out: it holds a private key")
                continue
            if self._is_virtualenv(path):
                self._note(path, "left out: it is a Python environment")
                continue
            try:
                self._entry(path, target / entry.name, trail=(*trail, real))
            except PermissionError as error:
                # A full disk is told apart from a file that its owner keeps closed.
                if os.access(path, os.R_OK):
                    raise
                raise _unreadable(path, error) from error

    def _entry(self, path: Path, target: Path, *, trail: tuple[Path, ...]) -> None:
        if path.is_symlink() and self._relink(path, target):
            return
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            self.folder(path, target, trail=trail)
        elif stat.S_ISREG(mode):
            size = path.stat().st_size
            if size > _LARGE:
                self._note(path, f"copied, {size // 1_000_000} MB")
            shutil.copyfile(path, target)
            target.chmod(0o700 if mode & stat.S_IXUSR else 0o600)
        else:
            self._note(path, "left out: it is neither a file nor a folder")

    def _relink(self, path: Path, target: Path) -> bool:
        """Deal with a link that needs no copy; False where its content has to be copied."""
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError):
            self._note(path, "left out: the link leads nowhere")
            return True
        root = self._root.resolve()
        if real.is_relative_to(root):
            inner = real.relative_to(root)
            if not LEFT_OUT & set(inner.parts) and path.parent.resolve().is_relative_to(root):
                above = path.parent.resolve().relative_to(root)
                target.symlink_to(os.path.relpath(inner, above))
                return True
        else:
            self._note(path, "a link out of the project; its content is copied")
        return False

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except PermissionError as error:
            raise _unreadable(folder, error) from error

    @staticmethod
    def _is_virtualenv(path: Path) -> bool:
        return (path / "pyvenv.cfg").is_file()

    def _note(self, path: Path, text: str) -> None:
        self.notes.append(f"{path.relative_to(self._root)}: {text}")


def _write_io_config(
    project: Project,
    target: Path,
    values: Mapping[str, str],
    profiles: Sequence[str],
    notes: list[str],
) -> None:
    source = project.path / NAME
    if source.is_file():
        text = overlay(read_text(source, shown=Path(NAME)), values)
        more = [name for name in profiles if name not in profile_names(text)]
        if more:
            text = f"{text.rstrip()}\n{minimal(more, values)}"
            notes.append(f"{NAME}: made with the further profiles {', '.join(more)}")
    else:
        profiles = wanted_profiles(project, project.pipelines)
        if not profiles:
            return
        text = minimal(profiles, values)
        notes.append(f"{NAME}: not in the project; made with the profiles {', '.join(profiles)}")
    file = target / NAME
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(text, "utf-8")


def is_key(path: Path) -> bool:
    """Whether a file is a service account's key, by what Google writes into one."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST_KEY:
            return False
        return b'"private_key"' in path.read_bytes()
    except OSError:
        return False


def _unreadable(path: Path, error: OSError) -> ProjectError:
    return ProjectError(
        f"{path} cannot be read",
        cause=str(error.strerror),
        remedy=f"make it readable (chmod u+r {path.name}), or move it out of the project",
    )


def _not_able(error: OSError, folder: Path) -> EnvironmentNotAbleError:
    place = error.filename2 or error.filename or folder
    if error.errno in FULL:
        return full(Path(place), doing="making the private copy of the project")
    return EnvironmentNotAbleError(
        f"the private copy of the project could not be made: {place}",
        cause=str(error.strerror or error),
        remedy="check who may write there, or set TMPDIR to another folder",
    )
