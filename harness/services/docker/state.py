"""What this machine has of what containers need, for a reader; nothing is started or pulled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.containers.engine import connect
from harness.containers.images import is_here
from harness.project.reader import read_project
from harness.services.docker import gcs, postgres
from harness.services.docker.image import base_image, dockerfile_of

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
        SettingsError: The Dockerfile that the settings name is not there.
    """
    defaults = {"postgres": postgres.IMAGE, "gcs": gcs.IMAGE, "mage": base_image(settings)}
    name = settings.images.get(service, defaults[service])
    dockerfile = None
    if service == "mage" and service not in settings.images:
        dockerfile = dockerfile_of(settings, read_project(settings.project))
    with connect() as engine:
        there = "is there" if is_here(engine, name) else "will be pulled"
    built = "" if dockerfile is None else f"built from {dockerfile} on "
    return f"{built}{name}, which {there}"
