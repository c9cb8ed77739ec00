"""The project as it was run, as files: what tools and runs leave behind is none of it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from harness.bundle.manifest import LeftOut
from harness.project.beside import lend_modules
from harness.project.dockerfile import dockerfile_of
from harness.project.io_config import NAME as IO_CONFIG
from harness.project.local_files import lend
from harness.project.recipe import mage_recipe
from harness.project.workspace import create_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from harness.project.model import Project
    from harness.settings import Settings

_LEFT = "it is a link to a folder"


def keep_project(project: Project, folder: Path, *, scratch: Path) -> list[LeftOut]:
    """Copy a project with the modules and files beside it that its runs are lent.

    Args:
        project: The project.
        folder: Where to; the project is a folder of its own name there.
        scratch: A folder for what is only needed meanwhile.

    Returns:
        What is not there.

    Raises:
        ProjectError: A file of the project cannot be read.
        EnvironmentNotAbleError: There is no room.
    """
    workspace = create_workspace(project, folder=scratch, overlay={}, profiles=())
    lend_modules(project.path, workspace.path)
    lend(project, workspace.path)
    left = [
        LeftOut(what=f"project {note.partition(':')[0]}", why=note.partition(": ")[2])
        for note in workspace.notes
        if ": left out" in note
    ]
    # The copy of a run lacks the comments of the author's, or has one that is nowhere else.
    (workspace.path / IO_CONFIG).unlink(missing_ok=True)
    if (project.path / IO_CONFIG).is_file():
        shutil.copyfile(project.path / IO_CONFIG, workspace.path / IO_CONFIG)
    for link in sorted(one for one in workspace.path.rglob("*") if one.is_symlink()):
        left += _unlinked(link, root=workspace.path)
    target = folder / project.name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.move(workspace.path, target)
    return left


def _unlinked(link: Path, *, root: Path) -> list[LeftOut]:
    """Put a file in the place of a link: an archive that has links is none to be opened."""
    real = link.resolve()
    link.unlink()
    if not real.is_file() or not real.is_relative_to(root.resolve()):
        return [LeftOut(what=f"project {link.relative_to(root)}", why=_LEFT)]
    shutil.copy2(real, link)
    return []


def keep_recipe(project: Project, settings: Settings, folder: Path) -> dict[str, str | None]:
    """Copy what says which packages Mage's environment has, beside the project where it was so.

    Args:
        project: The project.
        settings: Which may name the requirements and the Dockerfile.
        folder: Where the project's copy is.

    Returns:
        The settings that name a file, each with its path below the folder; None where it is found
        without that.
    """
    recipe = mage_recipe(settings, project)
    dockerfile = dockerfile_of(settings, project)
    named = settings.requirements
    base = project.path.parent if named is None else named.parent
    wanted = {recipe.requirements, dockerfile, *(line.file for line in recipe.lines)}
    for file in filter(None, wanted):
        target = folder / _place(file, project, base=base)
        if not target.exists():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return {
        "requirements": None if named is None else _place(named, project, base=base),
        "dockerfile": None
        if settings.dockerfile is None
        else _place(settings.dockerfile, project, base=base),
    }


def _place(file: Path, project: Project, *, base: Path) -> str:
    """Where a file is in a bundle, below the folder of the project's copy."""
    if file.is_relative_to(project.path):
        return f"{project.name}/{file.relative_to(project.path).as_posix()}"
    return file.relative_to(base).as_posix() if file.is_relative_to(base) else file.name
