"""A private Cloud Storage: fake-gcs-server in a container, in memory."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from harness.containers.spec import Spec
from harness.errors import ServiceError
from harness.services.gcs import Gcs
from harness.services.gcs_api import GcsApi, RefusedError
from harness.services.gcs_server import Running

if TYPE_CHECKING:
    from pathlib import Path

    from harness.containers.container import Container
    from harness.containers.world import World

IMAGE = "fsouza/fake-gcs-server:1.54.0"
"""The version that the wheel of the embedded provider holds."""
_PORT = 4443
_READY_EVERY = 0.02
_OWN_ADDRESS = "$(hostname -i)"
"""A container is reached by its own address, which is known inside it when it starts."""


class GcsContainer(Gcs):
    """One fake-gcs-server in a container; what it holds is in its memory.

    Args:
        world: Where the container runs.
        image: An image that has ``fake-gcs-server``, ``sh`` and ``hostname``, as the official one.
        folder: The session's private folder, which takes the request log.
        project: The Google Cloud project that it plays.
    """

    def __init__(self, world: World, *, image: str = IMAGE, folder: Path, project: str) -> None:
        super().__init__(ContainerServer(world, image=image, folder=folder), project=project)


class ContainerServer:
    """Runs the program in a container.

    Args:
        world: Where it runs.
        image: Its image.
        folder: The folder that takes the request log.
    """

    def __init__(self, world: World, *, image: str, folder: Path) -> None:
        self._world = world
        self._image = image
        self._folder = folder
        self._container: Container | None = None
        self._log: Path | None = None

    def start(self) -> Running:
        """Start the container and return when the server answers by its right address.

        Raises:
            ServiceError: It did not start, or is not fake-gcs-server; the message holds the end of
                its log.
            EnvironmentNotAbleError: The image cannot be had, or the engine's disk is full.
        """
        host = self._world.host if self._world.engine.desktop else _OWN_ADDRESS
        spec = Spec(
            name="gcs",
            image=self._image,
            entrypoint=("/bin/sh", "-c"),
            command=(_program(host),),
            ports=(_PORT,),
        )
        self._container = self._world.start(spec, ready=_name_itself, poll=_READY_EVERY)
        self._log = self._folder / f"gcs-{secrets.token_hex(4)}.log"
        self._log.touch(mode=0o600)
        self._container.follow(self._log)
        return Running(endpoint=_endpoint(self._container), log=self._log)

    def stop(self) -> None:
        """Remove the container and its log. Safe to call twice, or before start."""
        container, self._container = self._container, None
        if container is not None:
            container.stop()
        if self._log is not None:
            self._log.unlink(missing_ok=True)
            self._log = None

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It has ended, or the engine is gone.
        """
        if self._container is not None:
            self._container.check()


def _program(host: str) -> str:
    """The shell's line; the routes of forms (browsers' uploads) are laid by the host at the start.

    Args:
        host: The server's name or address, without its port, as the shell reads it.
    """
    options = f"-backend memory -scheme http -host 0.0.0.0 -port {_PORT}"
    return f'exec fake-gcs-server {options} -public-host "{host}"'


def _endpoint(container: Container) -> str:
    host, port = container.address(_PORT)
    return f"http://{host}:{port}"


def _name_itself(container: Container) -> bool:
    """Tell the server what it is called, which it answers as soon as it is ready.

    Resumable uploads are continued, and objects are downloaded, at addresses that it names.

    Raises:
        ServiceError: It answers, and not as fake-gcs-server does.
    """
    address = _endpoint(container)
    try:
        with GcsApi(address, project="") as api:
            api.configure(externalUrl=address, publicHost=address.removeprefix("http://"))
    except RefusedError as error:
        raise container.failed(f"its server is not fake-gcs-server: {error.cause}") from error
    except ServiceError:
        return False
    return True
