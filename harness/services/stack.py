"""The private world of a run: all services, started side by side and ended together."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from harness.clock.clock import Clock
from harness.machine.guardian import Guardian
from harness.machine.space import explained
from harness.services.protocol import Listening
from harness.services.providers import provider_for
from harness.services.starting import Starting, stop_all, tell_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from harness.enclosure.plan import Door
    from harness.services.bigquery import BigQueryStub
    from harness.services.docker.mage import MageContainer
    from harness.services.gcs import Gcs
    from harness.services.google import GoogleIdentity
    from harness.services.http import RecordedHttp
    from harness.services.postgres import Postgres
    from harness.services.protocol import Incident, Service, Sink
    from harness.services.provider import BaseProvider
    from harness.services.visitor import Shared, Visitor
    from harness.settings import Settings

PREFIX = "mage-harness-"


class Stack:
    """Services that belong to this stack alone; two stacks never meet.

    A service starts when it is asked for: by ``start`` or by its attribute. Entering the context
    makes the private folder and nothing else; with a visitor, the other process starts what it
    shares.

    Args:
        settings: Which provider, ports, fixtures and project.
        progress: Is told what is being started.
        visitor: Asks another process for what it shares; None where all services are own ones.

    Attributes:
        guardian: Clears up when this process cannot; others may register with it.
        clock: The time that the services give.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        progress: Callable[[str], None] | None = None,
        visitor: Visitor | None = None,
    ) -> None:
        self.settings = settings
        self.guardian = Guardian()
        self._progress = progress or (lambda text: None)  # noqa: ARG005
        self._visitor = visitor
        self._folder: Path | None = None
        self._provider: BaseProvider | None = None
        self._services: dict[str, Service] = {}
        self._lock = threading.RLock()
        self.clock = Clock()

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def folder(self) -> Path:
        """A private folder that is deleted with the stack."""
        return self._open()[0]

    @property
    def services(self) -> Mapping[str, Service]:
        """The services that run, by name."""
        return dict(self._services)

    @property
    def postgres(self) -> Postgres:
        """PostgreSQL, started if it is not running."""
        return cast("Postgres", self._one("postgres"))

    @property
    def gcs(self) -> Gcs:
        """Cloud Storage, started if it is not running."""
        return cast("Gcs", self._one("gcs"))

    @property
    def bigquery(self) -> BigQueryStub:
        """BigQuery, started if it is not running."""
        return cast("BigQueryStub", self._one("bigquery"))

    @property
    def http(self) -> RecordedHttp:
        """Recorded HTTP, started if it is not running."""
        return cast("RecordedHttp", self._one("http"))

    @property
    def mage(self) -> MageContainer:
        """The container that pipelines run in (provider docker), started if it is not running."""
        return cast("MageContainer", self._one("mage"))

    @property
    def google(self) -> GoogleIdentity:
        """Google's sign-in, started if it is not running."""
        return cast("GoogleIdentity", self._one("google"))

    def start(self, names: Iterable[str] | None = None) -> None:
        """Start services side by side, with those that they need; each at most once.

        Args:
            names: The services; all if not given.

        Raises:
            HarnessError: One did not start: mostly ServiceError. Those that this call started are
                stopped again.
        """
        with self._lock:
            _, provider = self._open()
            starting = Starting(
                provider, services=self._services, clock=self.clock, progress=self._progress
            )
            starting.start(provider.names if names is None else names)

    def stop(self) -> None:
        """Stop all services in reverse and delete the folder. Safe to call twice.

        Raises:
            HarnessError: A service could not be stopped; the others are, and the folder is gone.
        """
        if self._provider is not None:
            # A thread that builds an image holds the lock until it has it.
            self._provider.interrupt()
        with self._lock:
            services = list(self._services.values())
            self._services.clear()
            try:
                with contextlib.ExitStack() as closing:
                    if self._provider is not None:
                        closing.callback(self._provider.close)
                    stop_all(services)
            finally:
                if self._folder is not None:
                    self.guardian.delete(self._folder)
                # Whatever has not gone by itself is ended and deleted now.
                self.guardian.close()
                self.guardian = Guardian()
                self._folder = None
                self._provider = None

    def reset(self) -> None:
        """Empty all running services, side by side, as for a new test."""
        services = list(self._services.values())
        if services:
            with ThreadPoolExecutor(len(services), "mage-harness-reset") as pool:
                for done in [pool.submit(service.reset) for service in services]:
                    done.result()

    def keep_time(self, offset: int) -> None:
        """Have the services give another time from now on, those that start later too.

        Args:
            offset: Seconds to add to the real time; 0 for the real time.

        Raises:
            InputError: One cannot: it is not the harness's own.
            EnvironmentNotAbleError: This machine cannot give another time.
        """
        with self._lock:
            self.clock.set(offset)
            for service in self._services.values():
                tell_time(service, self.clock)

    def environment(self) -> dict[str, str]:
        """The variables of all running services."""
        return _merged(service.environment() for service in self._services.values())

    def overlay(self) -> dict[str, str]:
        """The keys of io_config.yaml of all running services."""
        return _merged(service.overlay() for service in self._services.values())

    def values(self) -> dict[str, str]:
        """What ``{name}`` stands for in ``settings.env``, as far as the services run."""
        given = {"gcp_project": self.settings.gcp_project}
        return given | _merged(service.values() for service in self._services.values())

    def reachable(self) -> tuple[str, ...]:
        """Addresses and networks (CIDR) of the services, besides this machine's own."""
        return self._open()[1].reachable()

    def doors(self) -> tuple[Door, ...]:
        """Hosts and ports of the running services, and of what the settings allow besides."""
        services = self._services.values()
        listening = [one.listens_at for one in services if isinstance(one, Listening)]
        return tuple(dict.fromkeys([*listening, *self._open()[1].doors()]))

    def inventory(self) -> list[Sink]:
        """What all running services hold, by service and name."""
        found = [sink for service in self._services.values() for sink in service.inventory()]
        return sorted(found, key=lambda sink: (sink.service, sink.name))

    def share(self) -> Shared:
        """Start what other processes can have a part of, and say how they reach it.

        Raises:
            HarnessError: It did not start.
        """
        _, provider = self._open()
        self.start(provider.shared_names)
        return provider.share(self._services)

    def incidents(self, since: float) -> list[Incident]:
        """What went wrong at any running service, in order of time.

        Args:
            since: Seconds since the epoch.
        """
        found = [one for service in self._services.values() for one in service.incidents(since)]
        return sorted(found, key=lambda one: one.at)

    def _one(self, name: str) -> Service:
        if name not in self._services:
            self.start([name])
        return self._services[name]

    def _open(self) -> tuple[Path, BaseProvider]:
        with self._lock:
            if self._folder is None or self._provider is None:
                try:
                    with explained(Path(tempfile.gettempdir()), doing="starting the services"):
                        shared = self._visitor.ask() if self._visitor else None
                        parent = None if shared is None else shared.folder
                        self._folder = self.guardian.make_folder(prefix=PREFIX, parent=parent)
                    self._provider = provider_for(
                        self.settings,
                        guardian=self.guardian,
                        folder=self._folder,
                        progress=self._progress,
                        shared=shared,
                    )
                except BaseException:
                    self.stop()
                    raise
            return self._folder, self._provider


def _merged(parts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {name: value for part in parts for name, value in part.items()}
