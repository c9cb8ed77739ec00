"""All that one session has at the engine: a network, and the containers on it."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Self

from harness.containers import network, sweep, testcontainer
from harness.containers.container import Container
from harness.containers.engine import load
from harness.containers.explain import explained
from harness.containers.images import ensure_image
from harness.containers.owner import labels
from harness.containers.readiness import await_ready
from harness.containers.starts import Starts
from harness.errors import HarnessError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from harness.containers.engine import Engine
    from harness.containers.network import Network
    from harness.containers.spec import Spec
    from harness.machine.guardian import Guardian

_PATIENCE = 10.0
"""Seconds that an engine may be away while the world closes; then the watchdog goes on."""


class World:
    """A session's containers on a private network; a context manager that leaves nothing.

    Args:
        engine: Where they run.
        guardian: Who clears up when this process cannot; its token marks what is ours.
        folder: The session's private folder, which containers may be given.
        progress: Takes a line of progress, such as of an image that is pulled.

    Attributes:
        engine: Where they run.
        folder: The session's private folder.
        label: The value of the label ``mage-harness.session`` that all of it carries.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        guardian: Guardian,
        folder: Path,
        progress: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.engine = engine
        self.folder = folder
        self.label = guardian.token
        self._guardian = guardian
        self._progress = progress
        self._network: Network | None = None
        self._joined: str | None = None
        self._starts = Starts()
        self._unsure = False
        self._containers: list[Container] = []

    @classmethod
    def join(
        cls,
        engine: Engine,
        *,
        guardian: Guardian,
        folder: Path,
        network: str,
        progress: Callable[[str], None] = lambda _line: None,
    ) -> Self:
        """A further world on a network that another process makes and removes.

        Args:
            engine: Where its containers run.
            guardian: Who clears up its containers when this process cannot.
            folder: The session's private folder.
            network: The network's name, ``World.network`` of its owner.
            progress: Takes a line of progress.
        """
        world = cls(engine, guardian=guardian, folder=folder, progress=progress)
        world._joined = network
        return world

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def network(self) -> str:
        """The network's name."""
        return self._opened().name

    @property
    def bind(self) -> str:
        """The address that servers of this process bind, so that containers reach them."""
        return self._opened().bind

    @property
    def host(self) -> str:
        """The address by which containers and this process reach servers of this process."""
        return self._opened().host

    @property
    def reachable(self) -> tuple[str, ...]:
        """Addresses, names or ranges (CIDR) in which the session's services lie."""
        return self._opened().reachable

    def open(self) -> None:
        """Make the network, or join it; the clients are imported in the calling thread.

        Raises:
            EnvironmentNotAbleError: The engine has no address range left, or this process cannot
                listen where containers reach it.
            ServiceError: The engine refused or does not answer.
        """
        if self._network is not None:
            return
        load()
        self._starts.open()
        self._unsure = False
        # Announced before anything exists: who is killed in between leaves nothing.
        self._guardian.command(
            self._order,
            [
                sys.executable,
                "-I",
                "-S",
                sweep.__file__,
                str(self.engine.socket),
                self.label,
            ],
        )
        try:
            name = self._joined or f"mage-harness-{self.label[:12]}"
            if self._joined is None:
                network.make(self.engine, name, labels=labels(self.label))
            self._network = network.look(self.engine, name)
        except BaseException as error:
            self._unsure = isinstance(error, ServiceError) or not isinstance(error, HarnessError)
            self.close()
            raise

    def start(
        self,
        spec: Spec,
        *,
        ready: Callable[[Container], bool],
        seconds: float = 60.0,
        poll: float = 0.05,
    ) -> Container:
        """Start a container and return when it is ready; many threads may do so at once.

        Args:
            spec: What it is made from; the image is pulled where it is missing.
            ready: Whether the service in it answers; what it raises ends the start.
            seconds: How long it may take.
            poll: Seconds between two looks.

        Raises:
            ServiceError: It ended before it was ready, was not ready in time, or the engine
                refused; the message holds the end of its log.
            EnvironmentNotAbleError: The image cannot be had, or the engine's disk is full.
        """
        self._opened()
        with self._starts.one() as number:
            ensure_image(self.engine, spec.image, progress=self._tell)
            container = self._run(spec, number)
            try:
                await_ready(
                    container,
                    ready,
                    seconds=seconds,
                    poll=poll,
                    desktop=self.engine.desktop,
                    go_on=self._starts.require_open,
                )
            except BaseException:
                container.stop()
                raise
            self._containers.append(container)
            return container

    def close(self) -> None:
        """Remove all of it. Safe to call twice, or before ``open``.

        Where the engine is away, the watchdog removes it as soon as the engine is back.
        """
        if not self._starts.close(patience=_PATIENCE):
            self._unsure = True
        containers, self._containers = self._containers, []
        # A request that was cut off may still bring something into being.
        quiet = sweep.QUIET if self._unsure else 0.0
        gone = sweep.sweep(str(self.engine.socket), self.label, quiet=quiet, patience=_PATIENCE)
        for container in containers:
            container.stop()
        if gone:
            self._guardian.forget_command(self._order)
        self._network = None

    @property
    def _order(self) -> str:
        return f"containers of {self.label}"

    def _opened(self) -> Network:
        if self._network is None:
            raise ServiceError(
                "the session has no network", cause="it is not opened", remedy="open it first"
            )
        return self._network

    def _tell(self, line: str) -> None:
        # An image may be pulled for minutes, and nobody waits for it any more.
        self._starts.require_open()
        self._progress(line)

    def _run(self, spec: Spec, number: int) -> Container:
        from docker.errors import APIError  # noqa: PLC0415

        opened = self._opened()
        name = f"mage-harness-{self.label[:12]}-{spec.name}-{number}"
        with explained(self.engine, doing=f"starting {spec.name}"):
            held = testcontainer.make(
                self.engine, spec, network=opened, name=name, labels=labels(self.label)
            )
            try:
                testcontainer.start(held)
            except BaseException as error:
                # A refusal is an answer; anything else leaves open what the engine still does.
                self._unsure |= not isinstance(error, APIError)
                testcontainer.discard(held)
                raise
        return Container(
            self.engine,
            spec,
            held.get_container_id(),
            remove=partial(testcontainer.discard, held),
            network=opened.name,
            host=opened.host,
        )
