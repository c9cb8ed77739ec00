"""One running container: watched, asked and removed."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from harness.containers.execution import Execution
from harness.containers.explain import explained
from harness.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from io import FileIO
    from pathlib import Path

    from harness.containers.engine import Engine
    from harness.containers.spec import Spec

LOG_LINES = 20
_KILLED = 137
_STATUS = {
    126: "its program could not be executed",
    127: "its program was not found",
    _KILLED: "it was killed",
    139: "a segmentation fault",
    143: "it was asked to end",
}
_LAST_WORDS = 5.0


class Container:
    """A container that runs.

    Args:
        engine: Where it runs.
        spec: What it was made from.
        container: The engine's id for it.
        remove: Removes it with its volumes, as far as the engine lets us.
        network: The network's name.
        host: Where published ports are reached.

    Attributes:
        id: The engine's id for it.
        spec: What it was made from.
    """

    def __init__(
        self,
        engine: Engine,
        spec: Spec,
        container: str,
        *,
        remove: Callable[[], None],
        network: str,
        host: str,
    ) -> None:
        self.spec = spec
        self.id = container
        self._engine = engine
        self._remove = remove
        self._network = network
        self._host = host
        self._attributes: dict[str, Any] = {}
        self._follower: threading.Thread | None = None
        self._stopped = False

    def address(self, port: int) -> tuple[str, int]:
        """Where one of its ports is reached, by this process and by other containers alike.

        Raises:
            ServiceError: It has no address, because it does not run.
        """
        settings = self._inspected().get("NetworkSettings", {})
        if self._engine.desktop:
            bound = (settings.get("Ports") or {}).get(f"{port}/tcp") or ()
            if bound:
                return self._host, int(bound[0]["HostPort"])
        elif address := settings.get("Networks", {}).get(self._network, {}).get("IPAddress"):
            return str(address), port
        raise self.failed("it has no address")

    def variables(self) -> dict[str, str]:
        """The variables that its program was started with: the image's, and those of the spec.

        Raises:
            ServiceError: It was removed, or the engine is gone.
        """
        lines = self._inspected()["Config"].get("Env") or ()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def log(self, lines: int = LOG_LINES) -> str:
        """The last lines that it wrote, both streams together; empty where they cannot be had."""
        from docker.errors import DockerException  # noqa: PLC0415
        from requests.exceptions import RequestException  # noqa: PLC0415

        try:
            content = self._engine.client.api.logs(self.id, tail=lines)
        except (DockerException, RequestException, OSError):
            return ""
        return bytes(content).decode("utf-8", "replace")

    def check(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServiceError: It has ended or was removed, or the engine is gone; the message holds
                the end of its log.
        """
        self._attributes = {}
        state = self._inspected()["State"]
        if not state["Running"]:
            raise self.failed(_ended(state))

    def failed(self, cause: str) -> ServiceError:
        """The error that says how it failed, with the end of its log."""
        lines = self.log().splitlines()
        return ServiceError(
            f"the container of {self.spec.name} does not do its work",
            cause=cause,
            evidence=[f"image {self.spec.image}", *(lines or ["its log is empty"])],
            remedy=f"see what the image {self.spec.image} needs; another can be named by `images` "
            "in [tool.mage-harness]",
        )

    def follow(self, file: Path) -> None:
        """Append what it writes, from its start on, to a file, until it is stopped.

        Args:
            file: The file; it is made where there is none.
        """
        self._follower = threading.Thread(
            target=self._copy_log, args=(file.open("ab", buffering=0),), daemon=True
        )
        self._follower.start()

    def _copy_log(self, file: FileIO) -> None:
        # Whatever breaks the stream, `check` tells of it.
        with file, suppress(Exception), self._engine.session() as client:
            for piece in client.api.logs(self.id, stream=True, follow=True):
                file.write(piece)

    def execute(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        workdir: str | None = None,
    ) -> Execution:
        """Start a command in it and return at once; what it prints goes nowhere.

        Args:
            command: The program and its arguments.
            environment: Variables, besides the container's.
            workdir: Where the program starts, instead of where the container's did.

        Raises:
            ServiceError: The container or the engine is gone, or has no such program.
        """
        return Execution(
            self._engine,
            self.id,
            command,
            name=self.spec.name,
            environment=environment,
            workdir=workdir,
        )

    def run(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a short command in it, wait for it, and tell its status and what it printed.

        Raises:
            ServiceError: The container or the engine is gone, or has no such program.
        """
        api = self._engine.client.api
        with explained(self._engine, doing=f"running a command in {self.spec.name}"):
            key = api.exec_create(self.id, list(command))["Id"]
            output = api.exec_start(key)
            status = api.exec_inspect(key)["ExitCode"]
        return int(status), bytes(output).decode("utf-8", "replace")

    def stop(self) -> None:
        """Kill it and remove it with its volumes. Safe to call twice, and when it is gone."""
        if self._stopped:
            return
        self._stopped = True
        self._remove()
        if self._follower is not None:
            self._follower.join(_LAST_WORDS)

    def _inspected(self) -> dict[str, Any]:
        from docker.errors import NotFound  # noqa: PLC0415

        # Held here: another thread's `check` may forget them meanwhile.
        attributes = self._attributes
        if not attributes:
            with explained(self._engine, doing=f"looking at the container of {self.spec.name}"):
                try:
                    attributes = self._engine.client.api.inspect_container(self.id)
                except NotFound as error:
                    raise self.failed("it was removed, by somebody else") from error
            self._attributes = attributes
        return attributes


def _ended(state: dict[str, Any]) -> str:
    status = int(state.get("ExitCode", 0))
    if state.get("OOMKilled"):
        return f"it ended with status {status}: it needed more memory than it may have"
    words = f": {_STATUS[status]}" if status in _STATUS else ""
    error = f" ({state['Error']})" if state.get("Error") else ""
    return f"it is {state['Status']}, with status {status}{words}{error}"
