"""The image that Mage runs in: the project's own Dockerfile, built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.containers.build import build_image
from harness.containers.images import ensure_image
from harness.project.dockerfile import dockerfile_of
from harness.project.reader import read_project
from harness.project.recipe import mage_recipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.containers.engine import Engine
    from harness.project.model import Project
    from harness.settings import Settings

BASE = "mageai/mageai"
_REQUIREMENTS = "requirements.txt"


def mage_image(
    engine: Engine, settings: Settings, *, folder: Path, progress: Callable[[str], None]
) -> str:
    """The name of the image, pulled or built where it is not there yet.

    The project's own Dockerfile is built, in or beside the project. It is given the build
    arguments of the official template (``PROJECT_NAME``), and ``MAGE_IMAGE`` for its first line.
    A project without one gets the official image with its requirements installed.

    Args:
        engine: The engine.
        settings: The settings.
        folder: A private folder, for the Dockerfile of a project that has none.
        progress: Told of each step.

    Raises:
        SettingsError: The Dockerfile that the settings name is not there.
        EnvironmentNotAbleError: The image cannot be had.
    """
    named = settings.images.get("mage")
    if named is not None:
        ensure_image(engine, named, progress=progress)
        return named
    project = read_project(settings.project)
    base = base_image(settings)
    dockerfile = dockerfile_of(settings, project) or _made(settings, project, folder=folder)
    if dockerfile is None:
        ensure_image(engine, base, progress=progress)
        return base
    return build_image(
        engine,
        dockerfile=dockerfile,
        context=dockerfile.parent,
        build_args=build_args_of(settings, project),
        name=project.name,
        progress=progress,
    )


def base_image(settings: Settings) -> str:
    """The official image of the version that the settings name.

    Args:
        settings: The settings.
    """
    return f"{BASE}:{settings.mage_version}"


def build_args_of(settings: Settings, project: Project) -> dict[str, str]:
    """The arguments that the project's Dockerfile is given.

    Args:
        settings: The settings.
        project: The project.
    """
    given = {"PROJECT_NAME": project.name, "MAGE_IMAGE": base_image(settings)}
    return given | dict(settings.build_args)


def _made(settings: Settings, project: Project, *, folder: Path) -> Path | None:
    """A Dockerfile that installs the project's requirements; None where it has none."""
    text = mage_recipe(settings, project).text
    lines = (line.strip() for line in text.splitlines())
    if all(not line or line.startswith("#") for line in lines):
        return None
    context = folder / "image"
    context.mkdir(mode=0o700, exist_ok=True)
    (context / _REQUIREMENTS).write_text(text, "utf-8")
    file = context / "Dockerfile"
    file.write_text(
        "ARG MAGE_IMAGE\n"
        "FROM ${MAGE_IMAGE}\n"
        f"COPY {_REQUIREMENTS} /tmp/{_REQUIREMENTS}\n"
        f"RUN python3 -m pip install --no-cache-dir -r /tmp/{_REQUIREMENTS}\n",
        "utf-8",
    )
    return file
