"""The Docker engine of this machine: found, asked what it is, and refused with a reason."""

from __future__ import annotations

import http.client
import os
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from harness.containers import endpoint
from harness.containers.sweep import call
from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    import docker

    from harness.containers.endpoint import Endpoint

OLDEST = (1, 41)
"""The first API version that is tested: Docker Engine 20.10."""
_NEWEST = (1, 45)
"""The newest API version that is spoken; an engine that has dropped it says which it has."""
_EMBEDDED = 'set provider = "embedded", which needs no Docker'
_SECONDS = 20.0
_ERRORS = 400


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
    version = _ask(place, "/version")
    _refuse_podman(place, version)
    api = _api(place, version)
    info = _ask(place, "/info")
    security = frozenset(str(one).split(",")[0] for one in info.get("SecurityOptions") or ())
    _refuse_system(place, info, security)
    facts = Facts(
        version=str(version.get("Version", "")),
        api=api,
        system=str(info.get("OperatingSystem", "")),
        architecture=str(version.get("Arch", "")),
        security=security,
    )
    return Engine(place.socket, facts)


def _ask(place: Endpoint, target: str) -> dict[str, Any]:
    try:
        status, answer = call(str(place.socket), "GET", target, seconds=_SECONDS)
    except PermissionError as error:
        raise _no_permission(place) from error
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
        raise _no_engine(place, error) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise EnvironmentNotAbleError(
            "the Docker engine does not answer as it should",
            cause=str(error) or repr(error),
            evidence=[f"GET {target} at {place.socket} ({place.origin})"],
            remedy=f"see `docker info`, restart the engine, or {_EMBEDDED}",
        ) from error
    if status < _ERRORS and isinstance(answer, dict):
        return answer
    raise EnvironmentNotAbleError(
        "the Docker engine refuses to tell what it is",
        cause=f"status {status}",
        evidence=[f"GET {target} at {place.socket} ({place.origin})", str(answer)[:300]],
        remedy=f"see `docker info`, restart the engine, or {_EMBEDDED}",
    )


def _no_engine(place: Endpoint, error: OSError) -> EnvironmentNotAbleError:
    running = "nothing listens on" if isinstance(error, ConnectionRefusedError) else "there is no"
    others = [f"an engine's socket lies at {path}" for path in endpoint.elsewhere()]
    export = "name the other socket by DOCKER_HOST=unix://PATH, or " if others else ""
    return EnvironmentNotAbleError(
        "there is no Docker engine to talk to",
        cause=f"{running} {place.socket}",
        evidence=[f"the address is from: {place.origin}", *others],
        remedy=f"start Docker (`sudo systemctl start docker`, or Docker Desktop), {export}"
        f"or {_EMBEDDED}",
    )


def _no_permission(place: Endpoint) -> EnvironmentNotAbleError:
    try:
        status = place.socket.stat()
        owner = f"owner {status.st_uid}, group {status.st_gid}, mode {status.st_mode & 0o777:o}"
    except OSError:
        owner = "its folder cannot be read"
    return EnvironmentNotAbleError(
        "you may not talk to the Docker engine",
        cause=f"user {os.getuid()} has no permission on {place.socket}",
        evidence=[f"the socket: {owner}", f"your groups: {sorted(os.getgroups())}"],
        remedy="join the group docker (`sudo usermod -aG docker $USER`, then log in again), "
        f"or {_EMBEDDED}",
    )


def _refuse_podman(place: Endpoint, version: dict[str, Any]) -> None:
    parts = [str(part.get("Name", "")) for part in version.get("Components") or ()]
    if any("podman" in part.lower() for part in parts):
        raise EnvironmentNotAbleError(
            "the Docker provider does not work with Podman",
            cause=f"what answers at {place.socket} is Podman; its networks and its way from "
            "containers to this process differ",
            evidence=[f"components: {', '.join(parts)}"],
            remedy=f"name a Docker engine by DOCKER_HOST, or {_EMBEDDED}",
        )


def _api(place: Endpoint, version: dict[str, Any]) -> str:
    newest, oldest = _numbers(version.get("ApiVersion")), _numbers(version.get("MinAPIVersion"))
    if newest < OLDEST:
        raise EnvironmentNotAbleError(
            "the Docker engine is too old",
            cause=f"it speaks API {version.get('ApiVersion')}, and {_dotted(OLDEST)} (Docker "
            "20.10) is the oldest that will do",
            evidence=[f"version {version.get('Version')} at {place.socket} ({place.origin})"],
            remedy=f"update Docker, or {_EMBEDDED}",
        )
    return _dotted(max(oldest, min(newest, _NEWEST)))


def _numbers(text: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(text or "0").split(".") if part.isdecimal())


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))


def _refuse_system(place: Endpoint, info: dict[str, Any], security: frozenset[str]) -> None:
    if "name=rootless" in security:
        raise EnvironmentNotAbleError(
            "the Docker provider does not work with a rootless engine",
            cause="its networks lie in a namespace of its own: this process cannot reach its "
            "containers by their addresses, nor they this process",
            evidence=[f"security options: {', '.join(sorted(security))} at {place.socket}"],
            remedy="use an engine that runs as root (`docker context use default`, or DOCKER_HOST="
            f"unix://{endpoint.DEFAULT}), or {_EMBEDDED}",
        )
    if info.get("OSType", "linux") != "linux":
        raise EnvironmentNotAbleError(
            "the Docker engine does not run Linux containers",
            cause=f"it runs containers of {info.get('OSType')}",
            remedy=f"switch it to Linux containers, or {_EMBEDDED}",
        )
