"""Which services are there already, by the settings."""

from __future__ import annotations

import importlib
from functools import cached_property
from typing import TYPE_CHECKING

from harness.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.enclosure.plan import Door
    from harness.machine.guardian import Guardian
    from harness.services.given.real import RealProject
    from harness.services.protocol import Service
    from harness.services.visitor import Shared
    from harness.settings import Settings

_GIVEN = ("postgres", "gcs", "bigquery")
"""The services that may have an address."""
_REAL = ("gcs", "bigquery", "google")
"""The services of a real Google Cloud project."""


class Given:
    """Builds the services that have an address, or are those of a real Google Cloud project.

    Args:
        settings: The settings.
        guardian: Who clears up when the harness cannot.
        folder: The stack's private folder.
        shared: What another process has for this one.
        through: Gives the address at which pipelines reach a server of somebody else's.

    Raises:
        SettingsError: Two settings name the same service, or the provider cannot reach it.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        guardian: Guardian,
        folder: Path,
        shared: Shared | None,
        through: Callable[[str], str],
    ) -> None:
        self._settings = settings
        self._guardian = guardian
        self._folder = folder
        self._shared = shared
        self._through = through
        if settings.real_google is not None:
            self._check_real()

    @property
    def doors(self) -> tuple[Door, ...]:
        """Hosts and ports outside of this machine that pipelines must reach."""
        return () if self._settings.real_google is None else self._real.doors

    def load(self, name: str) -> None:
        """Import what a service is made of, and find out what several share, before threads start.

        Args:
            name: The service.

        Raises:
            InputError: The real project is not the one that was meant, or several processes are
                to share what only one can have.
            EnvironmentNotAbleError: There are no credentials for the real project.
        """
        if self._settings.real_google is not None:
            _ = self._real
        if module := self._module(name):
            importlib.import_module(module)
        url = {"gcs": self._settings.gcs, "bigquery": self._settings.bigquery}.get(name)
        if url is not None and self._shared is not None:
            raise SettingsError(
                f"workers of pytest-xdist cannot share the {name} that was given by its address",
                cause="who made a bucket or a dataset there cannot be told apart",
                remedy="run the tests without -n, or leave the address out",
            )

    def build(self, name: str) -> Service | None:
        """Make a service, not yet started; None where it is not there already.

        Args:
            name: The service.

        Raises:
            InputError: An address is none, or the real project is not the one that was meant.
            EnvironmentNotAbleError: There are no credentials for the real project.
        """
        settings = self._settings
        if name == "postgres" and self._shared is not None:
            return self._postgres(self._shared.postgres, log=self._shared.postgres_log)
        if name == "postgres" and settings.postgres is not None:
            from harness.services.given.postgres_url import parse  # noqa: PLC0415

            # Refused as it was written, before anything is forwarded to it.
            parse(settings.postgres)
            through = self._through(settings.postgres)
            return self._postgres(settings.postgres, through=through)
        if settings.real_google is not None:
            return self._real_service(name)
        if name == "gcs" and settings.gcs is not None:
            from harness.services.given.gcs import GivenGcs  # noqa: PLC0415

            return GivenGcs(
                settings.gcs,
                project=settings.gcp_project,
                through=self._emulator(settings.gcs, name),
                guardian=self._guardian,
            )
        if name == "bigquery" and settings.bigquery is not None:
            from harness.services.given.bigquery import GivenBigQuery  # noqa: PLC0415

            return GivenBigQuery(
                settings.bigquery,
                project=settings.gcp_project,
                through=self._emulator(settings.bigquery, name),
                guardian=self._guardian,
            )
        return None

    def _emulator(self, url: str, name: str) -> str:
        """Where pipelines reach it; Google's own is refused, which no forwarder's address shows."""
        from harness.services.given.endpoint import endpoint  # noqa: PLC0415

        return self._through(endpoint(url, service=name))

    def _postgres(self, url: str, *, through: str = "", log: Path | None = None) -> Service:
        from harness.services.given.postgres import GivenPostgres  # noqa: PLC0415

        return GivenPostgres(url, through=through, guardian=self._guardian, log=log)

    def _module(self, name: str) -> str:
        """The module of a service that is there already; empty where it is not."""
        settings, shared = self._settings, self._shared
        if settings.real_google is not None and name in _REAL:
            return f"{__package__}.real_{name}"
        given = getattr(settings, name, None) if name in _GIVEN else None
        there = given is not None or (name == "postgres" and shared is not None)
        return f"{__package__}.{name}" if there else ""

    @cached_property
    def _real(self) -> RealProject:
        from harness.services.given.real import real_project  # noqa: PLC0415

        return real_project(self._settings.real_google or "", location=self._settings.real_location)

    def _real_service(self, name: str) -> Service | None:
        if name == "gcs":
            from harness.services.given.real_gcs import RealGcs  # noqa: PLC0415

            return RealGcs(self._real, guardian=self._guardian)
        if name == "bigquery":
            from harness.services.given.real_bigquery import RealBigQuery  # noqa: PLC0415

            return RealBigQuery(self._real, guardian=self._guardian)
        if name == "google":
            from harness.services.given.real_google import RealGoogle  # noqa: PLC0415

            return RealGoogle(self._real, parent=self._folder, guardian=self._guardian)
        return None

    def _check_real(self) -> None:
        if self._settings.provider == "docker":
            raise SettingsError(
                "a real Google Cloud project cannot be used with containers",
                cause="their network is internal: nothing leaves it",
                remedy="leave --provider docker out",
            )
        both = [name for name in ("gcs", "bigquery") if getattr(self._settings, name) is not None]
        if both:
            raise SettingsError(
                f"{both[0]} is to be both an emulator and the real Google Cloud",
                evidence=[f"both are set: {name} and real_google" for name in both],
                remedy=f"leave out --real-google, or the setting {both[0]}",
            )
