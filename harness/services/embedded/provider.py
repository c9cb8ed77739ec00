"""Builds the services of the embedded provider; each is imported only when it is wanted."""

from __future__ import annotations

import importlib
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from harness.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.machine.guardian import Guardian
    from harness.services.gcs import Gcs
    from harness.services.protocol import Service
    from harness.settings import Settings


_MODULES = MappingProxyType(
    {
        "postgres": "harness.services.embedded.postgres",
        "gcs": "harness.services.embedded.gcs",
        "bigquery": "harness.services.bigquery",
        "google": "harness.services.google",
        "http": "harness.services.http",
    }
)


class EmbeddedProvider:
    """Services from wheels, as processes and threads of this machine.

    Attributes:
        names: The services, those that take longest to start first.
        needs: For a service, those that must be running before it is built.
    """

    names: tuple[str, ...] = ("http", "postgres", "gcs", "bigquery", "google")
    needs: Mapping[str, tuple[str, ...]] = MappingProxyType({"bigquery": ("gcs",)})

    def __init__(self, settings: Settings, *, guardian: Guardian, folder: Path) -> None:
        unknown = sorted(set(settings.ports) - set(self.names))
        if unknown:
            raise SettingsError(
                f"ports are set for services that there are not: {', '.join(unknown)}",
                evidence=[f"services: {', '.join(sorted(self.names))}"],
                remedy="correct the names in [tool.mage-harness.ports]",
            )
        shared = [number for number, count in Counter(settings.ports.values()).items() if count > 1]
        if shared:
            raise SettingsError(
                f"two services are to have the same port: {shared[0]}",
                evidence=[f"{name}: {number}" for name, number in sorted(settings.ports.items())],
                remedy="give each a port of its own, with --port or in [tool.mage-harness.ports]",
            )
        self._settings = settings
        self._guardian = guardian
        self._folder = folder

    def load(self, name: str) -> None:
        """Import what a service is made of, before threads start.

        Threads that import at once can fail under pytest, which parses each module to rewrite its
        assertions: "SystemError: AST constructor recursion depth mismatch" (CPython gh-106905).

        Args:
            name: One of ``names``.
        """
        importlib.import_module(_MODULES[name])

    def build(self, name: str, others: Mapping[str, Service]) -> Service:
        """Make a service, not yet started.

        Args:
            name: One of ``names``.
            others: The services that it needs, running.
        """
        builders: dict[str, Callable[[Mapping[str, Service]], Service]] = {
            "postgres": self._postgres,
            "gcs": self._gcs,
            "bigquery": self._bigquery,
            "google": self._google,
            "http": self._http,
        }
        return builders[name](others)

    def reachable(self) -> tuple[str, ...]:
        """Nothing: all listen on this machine's own address."""
        return ()

    def close(self) -> None:
        """Nothing: the services share nothing."""

    def _port(self, name: str) -> int | None:
        return self._settings.ports.get(name)

    def _postgres(self, others: Mapping[str, Service]) -> Service:
        from harness.services.embedded.postgres import PostgresServer  # noqa: PLC0415

        del others
        return PostgresServer(
            cache=self._settings.cache, guardian=self._guardian, port=self._port("postgres")
        )

    def _gcs(self, others: Mapping[str, Service]) -> Service:
        from harness.services.embedded.gcs import GcsServer  # noqa: PLC0415

        del others
        return GcsServer(
            project=self._settings.gcp_project,
            cache=self._settings.cache,
            guardian=self._guardian,
            port=self._port("gcs"),
        )

    def _bigquery(self, others: Mapping[str, Service]) -> Service:
        from harness.services.bigquery import BigQueryStub  # noqa: PLC0415

        return BigQueryStub(
            project=self._settings.gcp_project,
            gcs_endpoint=cast("Gcs", others["gcs"]).endpoint,
            port=self._port("bigquery"),
        )

    def _google(self, others: Mapping[str, Service]) -> Service:
        from harness.services.google import GoogleIdentity  # noqa: PLC0415

        del others
        return GoogleIdentity(
            project=self._settings.gcp_project,
            cache=self._settings.cache,
            guardian=self._guardian,
            port=self._port("google"),
        )

    def _http(self, others: Mapping[str, Service]) -> Service:
        from harness.services.http import RecordedHttp  # noqa: PLC0415

        del others
        return RecordedHttp(
            fixtures=self._settings.fixtures / "http",
            files=self._settings.files,
            folder=self._folder,
            port=self._port("http"),
            guardian=self._guardian,
        )
