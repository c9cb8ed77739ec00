"""Builds the services of the Docker provider: containers, on a network of their own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit, urlunsplit

from harness.containers.engine import connect
from harness.containers.world import World
from harness.errors import SettingsError
from harness.machine.forward import Forwarder
from harness.machine.ports import HOST
from harness.services.docker.image import mage_image
from harness.services.protocol import Listening
from harness.services.provider import BaseProvider

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.containers.engine import Engine
    from harness.machine.guardian import Guardian
    from harness.services.docker.mage import MageContainer
    from harness.services.protocol import Service
    from harness.services.visitor import Shared
    from harness.settings import Settings

_PORTS = {"http": 80, "https": 443, "postgres": 5432, "postgresql": 5432}


class DockerProvider(BaseProvider):
    """PostgreSQL, Cloud Storage and Mage in containers; the rest in this process.

    The engine is asked for nothing before the first service is loaded.

    Args:
        settings: The settings.
        guardian: Who clears up when the harness cannot.
        folder: The stack's private folder.
        progress: Is told what takes time.
        shared: What another process has for this one.
    """

    shared_names: tuple[str, ...] = ("mage", "postgres")
    # PostgreSQL first: its container has most to do, and the engine starts one after the other.
    names: tuple[str, ...] = ("postgres", "mage", "http", "gcs", "bigquery", "google")
    modules: Mapping[str, str] = MappingProxyType(
        {
            **BaseProvider.modules,
            "mage": "harness.services.docker.mage",
            "postgres": "harness.services.docker.postgres",
            "gcs": "harness.services.docker.gcs",
            "mysql": "harness.services.docker.mysql",
        }
    )

    def __init__(
        self,
        settings: Settings,
        *,
        guardian: Guardian,
        folder: Path,
        progress: Callable[[str], None],
        shared: Shared | None = None,
    ) -> None:
        super().__init__(settings, guardian=guardian, folder=folder, shared=shared)
        if settings.allow:
            raise SettingsError(
                "nothing can be allowed to containers",
                cause="their network is internal: nothing leaves it",
                evidence=[f"allow: {', '.join(settings.allow)}"],
                remedy="leave --provider docker or allow out; a service that is there already has "
                "settings of its own: postgres, gcs and bigquery",
            )
        self._progress = progress
        self._engine: Engine | None = None
        self._world: World | None = None
        self._forwarders: list[Forwarder] = []
        self._fixed: dict[str, Forwarder] = {}

    @property
    def host(self) -> str:
        """The network's gateway, which is this machine."""
        return self.world.host

    @property
    def bind(self) -> str:
        """Where servers of this process listen."""
        return self.world.bind

    @property
    def world(self) -> World:
        """The session's network and containers, made at the first use.

        Raises:
            EnvironmentNotAbleError: There is no engine that can be used.
        """
        if self._world is None:
            self._engine = self._engine or connect()
            make = (
                World if self.shared is None else partial(World.join, network=self.shared.network)
            )
            world = make(
                self._engine, guardian=self.guardian, folder=self.folder, progress=self._progress
            )
            world.open()
            self._world = world
        return self._world

    def load(self, name: str) -> None:
        """Import what a service is made of, and make the network, before threads start.

        Args:
            name: One of ``names``.
        """
        super().load(name)
        _ = self.world

    def reachable(self) -> tuple[str, ...]:
        """The session's network."""
        return self.world.reachable

    def interrupt(self) -> None:
        """End a build and a pull."""
        if self._engine is not None:
            self._engine.interrupt()

    def resume(self) -> None:
        """Let builds and pulls take their time again."""
        if self._engine is not None:
            self._engine.resume()

    def close(self) -> None:
        """Remove the network and whatever is left in it."""
        for forwarder in (*self._forwarders, *self._fixed.values()):
            forwarder.stop()
        self._forwarders.clear()
        self._fixed.clear()
        world, self._world = self._world, None
        engine, self._engine = self._engine, None
        try:
            if world is not None:
                world.close()
        finally:
            if engine is not None:
                engine.close()

    def through(self, url: str) -> str:
        """The address of a forwarder of this process: the containers' network has no other way out.

        Args:
            url: The server's address as the user wrote it.
        """
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
        if parts.hostname is None or port is None:
            return url
        forwarder = Forwarder(listen=(self.bind, 0), to=(parts.hostname, port))
        forwarder.start()
        self._forwarders.append(forwarder)
        login, at, _ = parts.netloc.rpartition("@")
        netloc = f"{login}{at}{self.host}:{forwarder.port}"
        return urlunsplit(parts._replace(netloc=netloc))

    def share(self, services: Mapping[str, Service]) -> Shared:
        """How other processes reach PostgreSQL, the network and Mage's container."""
        shared = super().share(services)
        mage = cast("MageContainer", services["mage"])
        return replace(shared, network=self.world.network, mage=mage.id)

    def port(self, name: str) -> int | None:
        """None: no server has a port of this machine; see ``expose``."""
        del name
        return None

    def expose(self, name: str, service: Service) -> None:
        """Lead the fixed port of this machine, where one is set, to a service that has started.

        Args:
            name: One of ``names``.
            service: The service, running.

        Raises:
            EnvironmentNotAbleError: The port is taken.
        """
        super().expose(name, service)
        if self.shared is not None and name in self.shared_names:
            # The process that started it has led the port there.
            return
        number = self.settings.ports.get(name)
        if number is not None and isinstance(service, Listening):
            if name in self._fixed:
                # It was stopped again, since another service did not start.
                self._fixed.pop(name).stop()
            forwarder = Forwarder(listen=(HOST, number), to=service.listens_at)
            forwarder.start()
            self._fixed[name] = forwarder

    def postgres(self) -> Service:
        """PostgreSQL in a container."""
        from harness.services.docker.postgres import IMAGE, PostgresContainer  # noqa: PLC0415

        return PostgresContainer(
            self.world,
            image=self.settings.images.get("postgres", IMAGE),
            folder=self.folder,
        )

    def gcs(self) -> Service:
        """Cloud Storage in a container."""
        from harness.services.docker.gcs import IMAGE, GcsContainer  # noqa: PLC0415

        return GcsContainer(
            self.world,
            image=self.settings.images.get("gcs", IMAGE),
            folder=self.folder,
            project=self.settings.gcp_project,
        )

    def mysql(self) -> Service:
        """MySQL in a container."""
        from harness.services.docker.mysql import IMAGE, MySqlContainer  # noqa: PLC0415

        return MySqlContainer(
            self.world, image=self.settings.images.get("mysql", IMAGE), folder=self.folder
        )

    def builders(self) -> dict[str, Callable[[Mapping[str, Service]], Service]]:
        """Those of every provider, and Mage's container."""
        return {**super().builders(), "mage": lambda _others: self._mage()}

    def _mage(self) -> Service:
        from harness.services.docker.mage import MageContainer  # noqa: PLC0415

        return MageContainer(
            self.world,
            image=lambda: mage_image(
                self.world.engine, self.settings, folder=self.folder, progress=self._progress
            ),
            folder=self.folder,
            owned=self.shared.mage if self.shared else "",
        )
