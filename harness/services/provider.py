"""What every provider builds alike: what lives in the harness's own process, and addresses."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from harness.enclosure.plan import allowed
from harness.errors import SettingsError
from harness.services.catalogue import FURTHER, WITHOUT_PORTS
from harness.services.given.choice import Given
from harness.services.protocol import Listening
from harness.services.visitor import Shared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.enclosure.plan import Door
    from harness.machine.guardian import Guardian
    from harness.services.gcs import Gcs
    from harness.services.postgres import Postgres
    from harness.services.protocol import Service
    from harness.settings import Settings


class BaseProvider(ABC):
    """Builds services; each is imported only when it is wanted.

    Args:
        settings: The settings.
        guardian: Who clears up when the harness cannot.
        folder: The stack's private folder.
        shared: What another process has for this one.

    Attributes:
        names: The services that always start, those that take longest first; the further ones
            of the catalogue start when something asks for them.
        needs: For a service, those that must be running before it is built.
        modules: For a service, the module that has it.
        shared_names: The services that several processes can have a part of.

    Raises:
        SettingsError: Ports are set for services that there are not, or one for two services.
        InputError: What the settings allow is no address.
    """

    names: tuple[str, ...] = ("http", "postgres", "gcs", "bigquery", "google")
    needs: Mapping[str, tuple[str, ...]] = MappingProxyType({"bigquery": ("gcs",)})
    shared_names: tuple[str, ...] = ("postgres",)
    modules: Mapping[str, str] = MappingProxyType(
        {
            "bigquery": "harness.services.bigquery",
            "duckdb": "harness.services.duckdb_files",
            "google": "harness.services.google",
            "http": "harness.services.http",
            "mysql": "harness.services.embedded.mysql",
            "s3": "harness.services.s3",
        }
    )

    def __init__(
        self,
        settings: Settings,
        *,
        guardian: Guardian,
        folder: Path,
        shared: Shared | None = None,
    ) -> None:
        self.settings = settings
        self.shared = shared
        self.guardian = guardian
        self.folder = folder
        self.given = Given(
            settings, guardian=guardian, folder=folder, shared=shared, through=self.through
        )
        self._allowed = allowed(settings.allow)
        self._hosts: list[str] = []
        self._check_ports()

    @property
    @abstractmethod
    def host(self) -> str:
        """The name or address by which pipelines reach this process."""

    @property
    @abstractmethod
    def bind(self) -> str:
        """The address of this machine at which its servers listen."""

    def direct(self) -> tuple[str, ...]:
        """Hosts that clients reach without the proxy, besides this machine."""
        return tuple(dict.fromkeys([*self._hosts, *(host for host, _ in self.doors())]))

    def doors(self) -> tuple[Door, ...]:
        """Hosts and ports that pipelines may reach besides the services that run."""
        return (*self.given.doors, *self._allowed.doors)

    def reachable(self) -> tuple[str, ...]:
        """Names, addresses and networks (CIDR) that services have besides this machine's own."""
        return self.direct()

    def interrupt(self) -> None:  # noqa: B027 (most have nothing to end)
        """End what threads wait for at length, until ``resume``."""

    def resume(self) -> None:  # noqa: B027 (most have nothing to end)
        """Let threads wait at length again."""

    @abstractmethod
    def close(self) -> None:
        """Remove what services share, when all have been stopped. Safe to call twice."""

    def load(self, name: str) -> None:
        """Import what a service is made of, before threads start.

        Threads that import at once can fail under pytest, which parses each module to rewrite its
        assertions: "SystemError: AST constructor recursion depth mismatch" (CPython gh-106905).

        Args:
            name: One of ``names``.
        """
        importlib.import_module(self.modules[name])
        self.given.load(name)

    def build(self, name: str, others: Mapping[str, Service]) -> Service:
        """Make a service, not yet started.

        Args:
            name: One of ``names``.
            others: The services that it needs, running.
        """
        return self.given.build(name) or self.builders()[name](others)

    def builders(self) -> dict[str, Callable[[Mapping[str, Service]], Service]]:
        """For each service, what makes it, given those that it needs."""
        return {
            "postgres": lambda _others: self.postgres(),
            "gcs": lambda _others: self.gcs(),
            "bigquery": self._bigquery,
            "google": lambda _others: self._google(),
            "http": lambda _others: self._http(),
            "s3": lambda _others: self._s3(),
            "mysql": lambda _others: self.mysql(),
            "duckdb": lambda _others: self._duckdb(),
        }

    @abstractmethod
    def through(self, url: str) -> str:
        """The address at which both pipelines and this process reach a server of somebody else's.

        Args:
            url: Its address as the user wrote it.
        """

    def share(self, services: Mapping[str, Service]) -> Shared:
        """How other processes reach those of ``shared_names``.

        Args:
            services: The services that run.
        """
        postgres = cast("Postgres", services["postgres"])
        return Shared(folder=self.folder, postgres=postgres.url, postgres_log=postgres.log)

    def expose(self, name: str, service: Service) -> None:
        """Let pipelines through to a service that has started, also at the fixed port it is given.

        Args:
            name: One of ``names``.
            service: The service, running.

        Raises:
            EnvironmentNotAbleError: The fixed port is taken.
        """
        del name
        if isinstance(service, Listening):
            self._hosts.append(service.listens_at[0])

    @abstractmethod
    def postgres(self) -> Service:
        """Make PostgreSQL, not yet started."""

    @abstractmethod
    def gcs(self) -> Service:
        """Make Cloud Storage, not yet started."""

    def port(self, name: str) -> int | None:
        """The fixed port of a service that lives in this process or on this machine."""
        return self.settings.ports.get(name)

    def _bigquery(self, others: Mapping[str, Service]) -> Service:
        from harness.services.bigquery import BigQueryStub  # noqa: PLC0415

        return BigQueryStub(
            project=self.settings.gcp_project,
            gcs_endpoint=cast("Gcs", others["gcs"]).endpoint,
            host=self.host,
            bind=self.bind,
            port=self.port("bigquery"),
        )

    def _google(self) -> Service:
        from harness.services.google import GoogleIdentity  # noqa: PLC0415

        return GoogleIdentity(
            project=self.settings.gcp_project,
            cache=self.settings.cache,
            guardian=self.guardian,
            host=self.host,
            bind=self.bind,
            port=self.port("google"),
            parent=self.folder,
        )

    def _http(self) -> Service:
        from harness.services.http import RecordedHttp  # noqa: PLC0415

        return RecordedHttp(
            fixtures=self.settings.fixtures / "http",
            files=self.settings.files,
            folder=self.folder,
            host=self.host,
            bind=self.bind,
            port=self.port("http"),
            guardian=self.guardian,
            direct=self.direct,
            record=self.settings.record,
            resolve=self.settings.resolve,
            match_headers=self.settings.match_headers,
        )

    def _duckdb(self) -> Service:
        from harness.services.duckdb_files import DuckDbFiles  # noqa: PLC0415

        return DuckDbFiles()

    def mysql(self) -> Service:
        """MySQL by the program of this machine."""
        from harness.services.embedded.mysql import MySqlServer  # noqa: PLC0415

        return MySqlServer(
            cache=self.settings.cache,
            guardian=self.guardian,
            port=self.port("mysql"),
            host=self.host,
            bind=self.bind,
        )

    def _s3(self) -> Service:
        from harness.services.s3 import S3  # noqa: PLC0415
        from harness.services.s3_server import S3Server  # noqa: PLC0415

        return S3(
            S3Server(
                cache=self.settings.cache,
                guardian=self.guardian,
                port=self.port("s3"),
                host=self.host,
                bind=self.bind,
            )
        )

    def _check_ports(self) -> None:
        ports = self.settings.ports
        known = {*self.names, *FURTHER} - WITHOUT_PORTS
        unknown = sorted(set(ports) - known)
        if unknown:
            raise SettingsError(
                f"ports are set for services that there are not: {', '.join(unknown)}",
                evidence=[f"services: {', '.join(sorted(known))}"],
                remedy="correct the names in [tool.mage-harness.ports]",
            )
        own = sorted(set(ports) - set(self.shared_names))
        if self.shared is not None and own:
            raise SettingsError(
                f"workers of pytest-xdist cannot all have the fixed port of {own[0]}",
                cause="each has a server of its own",
                remedy="leave it out of [tool.mage-harness.ports], or run the tests without -n",
            )
        shared = [number for number, count in Counter(ports.values()).items() if count > 1]
        if shared:
            raise SettingsError(
                f"two services are to have the same port: {shared[0]}",
                evidence=[f"{name}: {number}" for name, number in sorted(ports.items())],
                remedy="give each a port of its own, with --port or in [tool.mage-harness.ports]",
            )
