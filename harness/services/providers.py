"""Which provider the settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.machine.guardian import Guardian
    from harness.services.provider import BaseProvider
    from harness.services.visitor import Shared
    from harness.settings import Settings


def provider_for(
    settings: Settings,
    *,
    guardian: Guardian,
    folder: Path,
    progress: Callable[[str], None],
    shared: Shared | None = None,
) -> BaseProvider:
    """The provider that the settings name; each is imported only when it is wanted.

    Args:
        settings: The settings.
        guardian: Who clears up when the harness cannot.
        folder: The stack's private folder.
        progress: Is told what takes time.
        shared: What another process has for this one.

    Raises:
        EnvironmentNotAbleError: This machine cannot run its services.
        SettingsError: The settings name services or ports that there are not.
    """
    if settings.provider == "docker":
        from harness.services.docker.provider import DockerProvider  # noqa: PLC0415

        return DockerProvider(
            settings, guardian=guardian, folder=folder, progress=progress, shared=shared
        )
    from harness.services.embedded.provider import EmbeddedProvider  # noqa: PLC0415

    return EmbeddedProvider(settings, guardian=guardian, folder=folder, shared=shared)
