"""A project's settings with another version of one of its packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.project.reader import read_project
from harness.project.recipe import mage_recipe
from harness.project.requirement_line import package_of

if TYPE_CHECKING:
    from pathlib import Path

    from harness.settings import Settings

_EXTRAS = re.compile(r"\s*[A-Za-z0-9._-]+\s*\[([^\]]*)\]")


def pinned(settings: Settings, package: str, version: str, *, folder: Path) -> Settings:
    """The settings with a version of a package in place of what the project says of it.

    Args:
        settings: The settings.
        package: The package's name.
        version: The version.
        folder: Where the requirements are written.

    Raises:
        InputError: The project or its requirements cannot be read.
    """
    recipe = mage_recipe(settings, read_project(settings.project))
    lines = [line.text for line in recipe.lines if line.text]
    said = [line for line in lines if package_of(line) == package]
    # What else the project wants of it, such as pandas[gcp], stays.
    extras = sorted({one for line in said for one in _extras(line)})
    wanted = f"{package}[{','.join(extras)}]" if extras else package
    kept = [line for line in lines if line not in said]
    file = folder / "requirements.txt"
    file.write_text("".join(f"{line}\n" for line in (*kept, f"{wanted}=={version}")), "utf-8")
    return settings.model_copy(update={"requirements": file})


def _extras(line: str) -> list[str]:
    found = _EXTRAS.match(line)
    return [one.strip() for one in found[1].split(",") if one.strip()] if found else []
