"""Which engines will do: asked what they are, and refused with a reason."""

from __future__ import annotations

import http.client
import os
from typing import TYPE_CHECKING, Any

from harness.containers import endpoint
from harness.containers.sweep import call
from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from harness.containers.endpoint import Endpoint

_OLDEST = (1, 41)
"""The first API version that is tested: Docker Engine 20.10."""
_NEWEST = (1, 45)
"""The newest API version that is spoken; an engine that has dropped it says which it has."""
_EMBEDDED = 'set provider = "embedded", which needs no Docker'
_SECONDS = 20.0
_ERRORS = 400


def ask(place: Endpoint, target: str) -> dict[str, Any]:
    """What an engine answers to a question about itself.

    Args:
        place: Where it listens.
        target: The path of the request.

    Raises:
        EnvironmentNotAbleError: There is none, there is no permission, or it does not answer.
    """
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


def refuse_podman(place: Endpoint, version: dict[str, Any]) -> None:
    """Refuse what answers as Docker and is none.

    Args:
        place: Where it listens.
        version: What it says of its version.

    Raises:
        EnvironmentNotAbleError: It is Podman.
    """
    parts = [str(part.get("Name", "")) for part in version.get("Components") or ()]
    if any("podman" in part.lower() for part in parts):
        raise EnvironmentNotAbleError(
            "the Docker provider does not work with Podman",
            cause=f"what answers at {place.socket} is Podman; its networks and its way from "
            "containers to this process differ",
            evidence=[f"components: {', '.join(parts)}"],
            remedy=f"name a Docker engine by DOCKER_HOST, or {_EMBEDDED}",
        )


def spoken(place: Endpoint, version: dict[str, Any]) -> str:
    """The API version that is spoken with an engine.

    Args:
        place: Where it listens.
        version: What it says of its version.

    Raises:
        EnvironmentNotAbleError: It is too old.
    """
    newest, oldest = _numbers(version.get("ApiVersion")), _numbers(version.get("MinAPIVersion"))
    if newest < _OLDEST:
        raise EnvironmentNotAbleError(
            "the Docker engine is too old",
            cause=f"it speaks API {version.get('ApiVersion')}, and {_dotted(_OLDEST)} (Docker "
            "20.10) is the oldest that will do",
            evidence=[f"version {version.get('Version')} at {place.socket} ({place.origin})"],
            remedy=f"update Docker, or {_EMBEDDED}",
        )
    return _dotted(max(oldest, min(newest, _NEWEST)))


def refuse_system(place: Endpoint, info: dict[str, Any], security: frozenset[str]) -> None:
    """Refuse an engine whose containers and this process could not reach each other.

    Args:
        place: Where it listens.
        info: What it says of its system.
        security: Its security options.

    Raises:
        EnvironmentNotAbleError: It is rootless, or not for Linux containers.
    """
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


def _numbers(text: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(text or "0").split(".") if part.isdecimal())


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
