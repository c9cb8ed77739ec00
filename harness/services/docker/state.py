"""What this machine has of what containers need, for a reader; nothing is started or pulled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.containers.build import read_dockerfile
from harness.containers.dockerfile import parents
from harness.containers.engine import connect
from harness.containers.images import is_here
from harness.project.dockerfile import dockerfile_of
from harness.project.reader import read_project
from harness.services.docker import gcs, mysql, postgres
from harness.services.docker.image import base_image, build_args_of

if TYPE_CHECKING:
    from harness.settings import Imaged, Settings


def engine_state() -> str:
    """Which engine there is, and where it listens.

    Raises:
        EnvironmentNotAbleError: There is none that can be used.
    """
    with connect() as engine:
        return f"Docker {engine.version}: {engine.socket}"


def image_state(service: Imaged, settings: Settings) -> str:
    """Which image a service has, and whether it is there.

    Args:
        service: The service.
        settings: The settings.

    Raises:
        EnvironmentNotAbleError: There is no engine that can be used.
        InputError: The Dockerfile cannot be read.
        SettingsError: The Dockerfile that the settings name is not there.
    """
    defaults = {
        "postgres": postgres.IMAGE,
        "gcs": gcs.IMAGE,
        "mysql": mysql.IMAGE,
        "mage": base_image(settings),
    }
    names: tuple[str, ...] = (settings.images.get(service, defaults[service]),)
    built = ""
    if service == "mage" and service not in settings.images:
        project = read_project(settings.project)
        if dockerfile := dockerfile_of(settings, project):
            text = read_dockerfile(dockerfile)
            names = parents(text, build_args=build_args_of(settings, project))
            built = f"built from {dockerfile}" + (" on " if names else "")
    with connect() as engine:
        told = [
            f"{name}, which {'is there' if is_here(engine, name) else 'will be pulled'}"
            for name in names
        ]
    return built + ", and ".join(told)
