"""What goes into Mage's own environment, and the key under which it is cached."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import ProjectError, SettingsError
from harness.project.blockfile import is_file
from harness.project.located import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from harness.project.model import Project
    from harness.settings import Settings

# Raised when an environment made by an older recipe must not be used any more.
VERSION = 1
# What Mage's official image has, a headless run on the private services needs and mage-ai itself
# does not ask for. The `postgres` extra is not used: it pins a psycopg2 without wheels.
_ALWAYS = {
    "sshtunnel": "sshtunnel==0.4.0",
    "psycopg2-binary": "psycopg2-binary>=2.9.9",
    "db-dtypes": "db-dtypes",
    "google-cloud-bigquery": "google-cloud-bigquery",
    "google-cloud-storage": "google-cloud-storage",
}
_SAME = {"psycopg2": "psycopg2-binary"}
_NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_INCLUDE = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)")
_LOCAL = re.compile(r"^\s*(?:-e|--editable)[\s=]+(?![a-z+]+://|git\+)(\S+)")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is installed into an environment.

    Attributes:
        requirements: The project's requirements file, or None.
        text: Its text and that of the files it includes.
        packages: What is installed besides.
        python: The Python version, or an interpreter.
        distribution: The package whose version the environment is known by.
        script: The program that the environment is made for.
    """

    requirements: Path | None
    text: str
    packages: tuple[str, ...]
    python: str
    distribution: str = "mage-ai"
    script: str = "mage"

    @property
    def key(self) -> str:
        """A name that is the same exactly where the content would be."""
        facts = [VERSION, self.text, self.packages, self.python, self.distribution]
        machine = [platform.system(), platform.machine(), platform.libc_ver()[0]]
        return hashlib.sha256(json.dumps([*facts, *machine]).encode()).hexdigest()[:20]


def mage_recipe(settings: Settings, project: Project) -> Recipe:
    """The recipe for a project's Mage.

    Args:
        settings: The settings.
        project: The project; its requirements.txt is used, or the one beside its folder.

    Raises:
        SettingsError: The requirements file that the settings name is not there.
        ProjectError: The file cannot be read, or asks for what the harness does not do.
    """
    file = _file(settings, project)
    text = _text(file, ()) if file else ""
    named = _names(text)
    added = [line for name, line in _ALWAYS.items() if name not in named]
    return Recipe(
        requirements=file,
        text=text,
        packages=(f"mage-ai=={settings.mage_version}", *added),
        python=settings.python,
    )


def _file(settings: Settings, project: Project) -> Path | None:
    if settings.requirements is not None:
        if not is_file(settings.requirements):
            raise SettingsError(
                f"there is no requirements file {settings.requirements}",
                remedy="correct the setting `requirements`, or leave it out to use the project's",
            )
        return settings.requirements
    for folder in (project.path, project.path.parent):
        if is_file(folder / "requirements.txt"):
            return folder / "requirements.txt"
    return None


def _text(file: Path, above: tuple[Path, ...]) -> str:
    text = read_text(file)
    parts = [text]
    for number, line in enumerate(text.splitlines(), 1):
        if local := _LOCAL.match(line):
            raise ProjectError(
                f"{file}:{number}: the requirement {line.strip()!r} would write into the source",
                cause=f"an editable install leaves files in {local[1]}",
                remedy="name a requirements file without that line: the setting `requirements`",
            )
        if included := _INCLUDE.match(line):
            other = file.parent / included[1]
            if "://" in included[1] or other in (*above, file):
                continue
            if not is_file(other):
                raise ProjectError(
                    f"{file}:{number}: there is no file {included[1]}",
                    remedy="add the file, or remove the line",
                )
            parts.append(_text(other, (*above, file)))
    return "\n".join(parts)


def _names(text: str) -> set[str]:
    names = set()
    for line in text.splitlines():
        if found := _NAME.match(line):
            name = re.sub(r"[-_.]+", "-", found[1]).lower()
            names.add(_SAME.get(name, name))
    return names
