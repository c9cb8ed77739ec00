"""The private world of a run: all services, started side by side and ended together."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self

from harness.clock.clock import Clock
from harness.machine.guardian import Guardian
from harness.machine.ports import HOST
from harness.machine.space import explained
from harness.services.protocol import Listening, Looking
from harness.services.providers import provider_for
from harness.services.starting import Starting, stop_all, tell_time
from harness.services.through import through
from harness.services.together import Together, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType

    from harness.enclosure.plan import Door
    from harness.services.protocol import Service
    from harness.services.provider import BaseProvider
    from harness.services.visitor import Shared, Visitor
    from harness.settings import Settings

PREFIX = "mage-harness-"


class Stack(Together):
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
        super().__init__()
        self.settings = settings
        self.guardian = Guardian()
        self._progress = progress or (lambda text: None)  # noqa: ARG005
        self._visitor = visitor
        self._folder: Path | None = None
        self._provider: BaseProvider | None = None
        self._lock = threading.RLock()
        self._looked: tuple[Path, tuple[tuple[str, str], ...]] | None = None
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

    def service(self, name: str) -> Service:
        """A service by its name, started if it is not running.

        Raises:
            HarnessError: It did not start.
        """
        if name not in self._services:
            self.start([name])
        return self._services[name]

    def start(self, names: Iterable[str] | None = None, *, further: Iterable[str] = ()) -> None:
        """Start services side by side, with those that they need; each at most once.

        Args:
            names: The services; all that are no further ones if not given.
            further: Those that something asks for besides.

        Raises:
            HarnessError: One did not start: mostly ServiceError. Those that this call started are
                stopped again.
        """
        with self._lock:
            _, provider = self._open()
            starting = Starting(
                provider, services=self._services, clock=self.clock, progress=self._progress
            )
            starting.start([*(provider.names if names is None else names), *further])
            if self._looked is not None:
                self.look_at(*self._looked)

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
        self._looked = None
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

    def values(self) -> dict[str, str]:
        """What ``{name}`` stands for in ``settings.env``, as far as the services run."""
        given = {"gcp_project": self.settings.gcp_project}
        found = given | merged(service.values() for service in self._services.values())
        return through(found, self.gates)

    def reachable(self) -> tuple[str, ...]:
        """Addresses and networks (CIDR) of the services, besides this machine's own."""
        return self._open()[1].reachable()

    def doors(self) -> tuple[Door, ...]:
        """Hosts and ports of the running services, and of what the settings allow besides."""
        services = self._services.values()
        listening = [one.listens_at for one in services if isinstance(one, Listening)]
        gates = [(HOST, port) for _, port in self.gates.values()]
        return tuple(dict.fromkeys([*listening, *self._open()[1].doors(), *gates]))

    def share(self) -> Shared:
        """Start what other processes can have a part of, and say how they reach it.

        Raises:
            HarnessError: It did not start.
        """
        _, provider = self._open()
        self.start(provider.shared_names)
        return provider.share(self._services)

    def look_at(self, project: Path, shown: Sequence[tuple[str, str]]) -> None:
        """Have services that are files look at those of a run, also those that start later.

        Args:
            project: The run's copy of the project.
            shown: Files and folders of this machine, each with the path that it is seen at.
        """
        self._looked = project, tuple(shown)
        for one in self._services.values():
            if isinstance(one, Looking):
                one.look_at(*self._looked)

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
