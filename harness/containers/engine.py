"""The Docker engine of this machine: found, and shared by all that a session does with it."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from harness.containers import endpoint
from harness.containers.acceptance import ask, refuse_podman, refuse_system, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    import docker


def load() -> None:
    """Import the clients, in the calling thread, before others need them at the same time.

    It takes most of a second. Python 3.11 with pytest's import hooks fails where several threads
    import the same packages for the first time.
    """
    import docker  # noqa: F401, PLC0415
    import testcontainers.core.container  # noqa: F401, PLC0415


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What an engine says of itself.

    Attributes:
        version: Its version, such as ``28.2.2``.
        api: The API version that is spoken with it.
        system: Its operating system, in its own words.
        architecture: ``amd64`` or ``arm64``.
        security: Its security options, such as ``name=selinux``.
    """

    version: str
    api: str
    system: str
    architecture: str
    security: frozenset[str]


class Engine:
    """An engine that containers of a session can be run on.

    Attributes:
        socket: Its unix socket.
        facts: What it says of itself.
    """

    def __init__(self, socket: Path, facts: Facts) -> None:
        self.socket = socket
        self.facts = facts
        self._lock = threading.Lock()
        self._client: docker.DockerClient | None = None
        self._answers: list[Any] = []
        self._interrupted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def version(self) -> str:
        """The engine's version."""
        return self.facts.version

    @property
    def url(self) -> str:
        """The socket, as the clients name it."""
        return f"unix://{self.socket}"

    @property
    def desktop(self) -> bool:
        """Whether it runs in a virtual machine of its own, as Docker Desktop does."""
        return os.uname().sysname == "Darwin" or "Docker Desktop" in self.facts.system

    @property
    def client(self) -> docker.DockerClient:
        """A client, made when it is first asked for and shared by all threads."""
        import docker  # noqa: PLC0415

        with self._lock:
            if self._client is None:
                self._client = docker.DockerClient(base_url=self.url, version=self.facts.api)
            return self._client

    @contextmanager
    def session(self) -> Iterator[docker.DockerClient]:
        """A client of its own for one long answer, such as a build's progress.

        At the end its connections are closed, answered or not. That tells the engine that nobody
        waits any more, and it ends what it was doing.
        """
        import docker  # noqa: PLC0415

        client = docker.DockerClient(base_url=self.url, version=self.facts.api)
        answers: list[Any] = []
        client.api.hooks["response"].append(lambda answer, **_options: self._note(answer, answers))
        try:
            yield client
        finally:
            with self._lock:
                self._answers = [answer for answer in self._answers if answer not in answers]
            for answer in answers:
                answer.close()
            client.close()

    def interrupt(self) -> None:
        """End all long answers, those that have begun and those that begin before ``resume``.

        Other threads may wait for them, for minutes, while who asked has pressed Ctrl-C: their
        read ends at once, with an error.
        """
        with self._lock:
            self._interrupted = True
            for answer in self._answers:
                _end(answer)

    def resume(self) -> None:
        """Let long answers take their time again."""
        with self._lock:
            self._interrupted = False

    def _note(self, answer: Any, answers: list[Any]) -> None:
        answers.append(answer)
        with self._lock:
            self._answers.append(answer)
            if self._interrupted:
                _end(answer)

    def close(self) -> None:
        """Close the client's connections. Safe to call twice."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()


def _end(answer: Any) -> None:
    # Closing alone does not wake a thread that reads; one that has been read whole has no socket.
    with suppress(ValueError, RuntimeError, OSError):
        answer.raw.shutdown()


def connect() -> Engine:
    """Find the engine that the ``docker`` command would use, and see whether it will do.

    Raises:
        EnvironmentNotAbleError: There is none, or it cannot be used: no permission on its socket,
            another machine, too old, rootless, Podman, or not for Linux containers.
    """
    place = endpoint.find()
    version = ask(place, "/version")
    refuse_podman(place, version)
    api = spoken(place, version)
    info = ask(place, "/info")
    security = frozenset(str(one).split(",")[0] for one in info.get("SecurityOptions") or ())
    refuse_system(place, info, security)
    facts = Facts(
        version=str(version.get("Version", "")),
        api=api,
        system=str(info.get("OperatingSystem", "")),
        architecture=str(version.get("Arch", "")),
        security=security,
    )
    return Engine(place.socket, facts)
