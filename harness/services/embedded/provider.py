"""Builds the services of the embedded provider."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from harness.machine.ports import HOST
from harness.services.provider import BaseProvider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.services.protocol import Service


class EmbeddedProvider(BaseProvider):
    """Services from wheels, as processes and threads of this machine."""

    modules: Mapping[str, str] = MappingProxyType(
        {
            **BaseProvider.modules,
            "postgres": "harness.services.embedded.postgres",
            "gcs": "harness.services.embedded.gcs",
        }
    )
    host = HOST
    bind = HOST

    def close(self) -> None:
        """Nothing: the services share nothing."""

    def through(self, url: str) -> str:
        """The address itself."""
        return url

    def postgres(self) -> Service:
        """PostgreSQL by its own program."""
        from harness.services.embedded.postgres import PostgresServer  # noqa: PLC0415

        return PostgresServer(
            cache=self.settings.cache, guardian=self.guardian, port=self.port("postgres")
        )

    def gcs(self) -> Service:
        """Cloud Storage by the program of fake-gcs-server."""
        from harness.services.embedded.gcs import GcsServer  # noqa: PLC0415

        return GcsServer(
            project=self.settings.gcp_project,
            cache=self.settings.cache,
            guardian=self.guardian,
            port=self.port("gcs"),
        )
