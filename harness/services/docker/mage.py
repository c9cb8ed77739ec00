"""Mage's container: started once, pipelines are run in it one after the other by exec."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

from harness.containers.container import Container
from harness.containers.spec import Mount, Spec
from harness.errors import EnvironmentNotAbleError, HarnessError, ServiceError
from harness.services.sinkless import Sinkless
from harness.tap import TAP
from harness.tap.container import init

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harness.containers.execution import Execution
    from harness.containers.world import World

INSIDE = "/mage-harness"
"""Where the tap is mounted."""
_READY = "mage-container.ready"
_KILL = "import os, signal, sys; os.killpg(int(sys.argv[1]), signal.SIGKILL)"


class MageContainer(Sinkless):
    """The container that Mage runs in.

    The stack's folder has the same path in it as outside, so that a workspace, an event or a key
    file is named alike on both sides. It runs as the user who runs the harness, so that what
    pipelines write there can be read and deleted.

    Args:
        world: The session's containers and network.
        image: Gives the image, built or pulled where it is not there yet.
        folder: The stack's private folder.
        owned: The id of a container that another process has started, to run pipelines in that;
            an empty string for one of its own.
    """

    name = "mage"
    title = "Mage's container"

    def __init__(
        self, world: World, *, image: Callable[[], str], folder: Path, owned: str = ""
    ) -> None:
        self._world = world
        self._image = image
        self._folder = folder
        self._owned = owned
        self._container: Container | None = None
        self.variables: Mapping[str, str] = {}

    @property
    def image(self) -> str:
        """The image that it was made from."""
        return self._running().spec.image

    @property
    def id(self) -> str:
        """The engine's id for it."""
        return self._running().id

    def start(self) -> None:
        """Start it, and return when it shares the folder and reaches this process.

        Raises:
            EnvironmentNotAbleError: The image cannot be had, or the container reaches nothing.
            ServiceError: It did not start.
        """
        if self._container is not None:
            return
        self._container = self._attached() if self._owned else self._started()
        self.variables = self._container.variables()

    def _attached(self) -> Container:
        """The container of another process, which removes it."""
        world = self._world
        return Container(
            world.engine,
            Spec(image="that of the controller", name=self.name),
            self._owned,
            remove=lambda: None,
            network=world.network,
            host=world.host,
        )

    def _started(self) -> Container:
        image = self._image()
        ready = self._folder / _READY
        with closing(socket.create_server((self._world.bind, 0))) as door:
            port = door.getsockname()[1]
            spec = Spec(
                image=image,
                name=self.name,
                entrypoint=("python3", "-I", "-S", f"{INSIDE}/container/init.py"),
                command=(str(ready), self._world.host, str(port)),
                mounts=(
                    Mount(source=self._folder, target=str(self._folder)),
                    Mount(source=TAP, target=INSIDE, read_only=True),
                ),
                user=f"{os.getuid()}:{os.getgid()}",
                working_dir="/",
            )
            try:
                return self._world.start(spec, ready=lambda _started: ready.exists())
            except ServiceError as error:
                raise _explained(error, image, host=self._world.host) from error

    def stop(self) -> None:
        """Remove the container. Safe to call twice, or before start."""
        container, self._container = self._container, None
        if container is not None:
            container.stop()
        (self._folder / _READY).unlink(missing_ok=True)

    def environment(self) -> Mapping[str, str]:
        """Nothing: it is where Mage runs, not what Mage talks to."""
        return {}

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It does not, or was not started.
        """
        self._running().check()

    def execute(self, command: list[str], *, env: Mapping[str, str], folder: Path) -> Execution:
        """Start a command in it.

        Args:
            command: The program and its arguments.
            env: Variables, besides those of the image.
            folder: The folder that it starts in.

        Raises:
            ServiceError: The container does not run.
        """
        return self._running().execute(command, environment=env, workdir=str(folder))

    def kill(self, group: int) -> None:
        """Kill a group of processes in it, if it is there.

        Args:
            group: Its number in the container.

        Raises:
            ServiceError: The container does not run.
        """
        self._running().run(["python3", "-I", "-S", "-c", _KILL, str(group)])

    def _running(self) -> Container:
        if self._container is None:
            raise ServiceError("Mage's container is not running", remedy="start the service first")
        return self._container


def _explained(error: ServiceError, image: str, *, host: str) -> HarnessError:
    said = "\n".join((error.cause or "", *error.evidence))
    if f"status {init.UNREACHABLE}" in said or "cannot reach the harness" in said:
        return EnvironmentNotAbleError(
            "containers cannot reach the harness",
            cause=f"a connection from the Mage container to {host} failed",
            evidence=error.evidence,
            remedy="let containers connect to this machine (a firewall such as ufw refuses the "
            'bridge by default), or use provider = "embedded"',
        )
    if "python3" in said and ("not found" in said or "no such file" in said.lower()):
        return EnvironmentNotAbleError(
            f"the image {image} has no python3",
            cause="Mage cannot be in it",
            evidence=error.evidence,
            remedy="name an image with Mage in [tool.mage-harness.images], as mage, or mend the "
            "project's Dockerfile",
        )
    return error
