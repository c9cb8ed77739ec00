"""What goes into Mage's own environment, and the key under which it is cached."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import SettingsError
from harness.project.blockfile import is_file
from harness.project.distributions import canonical
from harness.project.dockerfile import dockerfile_of
from harness.project.dockerfile_installs import read_installs
from harness.project.image_packages import packages_of_image
from harness.project.requirements import Line, read_requirements

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
# Before it, mage-ai sets no limits to these: its typer ends with a TypeError under click 8.2, and
# pandas and dask of today want a newer SQLAlchemy, Jinja2 and pyarrow than it asks for, and pyarrow
# of today a newer NumPy.
_LIMITED = (0, 9, 80)
_LIMITS = ("click<8.2", "dask<2024.9", "pandas<2.2", "pyarrow<21", "scikit-learn<1.8")
_SAME = {"psycopg2": "psycopg2-binary"}
_NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is installed into an environment.

    Attributes:
        requirements: The project's requirements file, or None.
        text: Its text and that of the files it includes, and what the Dockerfile installs.
        lines: Their lines as they are meant, which is what is installed.
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
    lines: tuple[Line, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is installed otherwise than it is written, and why."""
        return tuple(line.note for line in self.lines if line.note)

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
        project: The project; its requirements.txt is used, or the one beside its folder, and what
            its Dockerfile installs besides.

    Raises:
        SettingsError: The requirements file that the settings name is not there.
        ProjectError: The file cannot be read, or includes one that is not there.
    """
    file = _file(settings, project)
    text, lines = read_requirements(file, version=settings.mage_version) if file else ("", ())
    installs = _installs(settings, project, file, _names(text))
    text = "\n".join((text, *(line.text for line in installs)))
    named = _names(text)
    added = [line for name, line in _ALWAYS.items() if name not in named]
    added += packages_of_image(project, named=named, text=text)
    if _version(settings.mage_version) < _LIMITED:
        added += _LIMITS
    return Recipe(
        requirements=file,
        text=text,
        lines=(*lines, *installs),
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


def _installs(
    settings: Settings, project: Project, file: Path | None, named: set[str]
) -> tuple[Line, ...]:
    """What the project's Dockerfile installs that its requirements file does not name."""
    dockerfile = dockerfile_of(settings, project)
    if dockerfile is None or settings.requirements is not None:
        return ()
    folders = (dockerfile.parent, project.path)
    lines = read_installs(dockerfile, folders=folders, known=file, version=settings.mage_version)
    return tuple(line for line in lines if not _names(line.text) & named)


def _version(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def _names(text: str) -> set[str]:
    names = set()
    for line in text.splitlines():
        if found := _NAME.match(line):
            name = canonical(found[1])
            names.add(_SAME.get(name, name))
    return names
