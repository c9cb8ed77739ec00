"""Where the Docker engine listens, by the same rules as the ``docker`` command."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = Path("/var/run/docker.sock")
_SCHEME = "unix://"
_OTHER_PLACES = (
    ".docker/run/docker.sock",
    ".docker/desktop/docker.sock",
    ".colima/default/docker.sock",
    ".orbstack/run/docker.sock",
    ".rd/docker.sock",
)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An engine's address.

    Attributes:
        socket: The unix socket.
        origin: Who names it, for messages: ``DOCKER_HOST``, ``docker context NAME`` or ``default``.
    """

    socket: Path
    origin: str


def find(environment: Mapping[str, str] | None = None, *, home: Path | None = None) -> Endpoint:
    """The address that the ``docker`` command would use.

    That is ``DOCKER_HOST``, else the context of ``DOCKER_CONTEXT``, else the current context of
    ``config.json``, else the default socket.

    Args:
        environment: The variables; the process's own if not given.
        home: The user's home folder; the process's own if not given.

    Raises:
        EnvironmentNotAbleError: The engine is on another machine, or the context is unknown.
    """
    variables = os.environ if environment is None else environment
    home = Path.home() if home is None else home
    if named := variables.get("DOCKER_HOST"):
        return Endpoint(socket=_socket(named, origin="DOCKER_HOST"), origin="DOCKER_HOST")
    folder = Path(variables.get("DOCKER_CONFIG") or home / ".docker")
    context = variables.get("DOCKER_CONTEXT") or _read(folder / "config.json").get("currentContext")
    if context and context != "default":
        origin = f"docker context {context}"
        return Endpoint(socket=_socket(_host(folder, context), origin=origin), origin=origin)
    desktop = home / _OTHER_PLACES[0]
    if sys.platform == "darwin" and not DEFAULT.exists() and desktop.exists():
        return Endpoint(socket=desktop, origin="default")
    return Endpoint(socket=DEFAULT, origin="default")


def elsewhere(*, home: Path | None = None) -> list[Path]:
    """Sockets of engines in places that the ``docker`` command does not look at by itself."""
    home = Path.home() if home is None else home
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    places = [home / place for place in _OTHER_PLACES] + [runtime / "docker.sock"]
    return [place for place in places if place.is_socket()]


def _socket(address: str, *, origin: str) -> Path:
    if address.startswith(_SCHEME):
        return Path(address.removeprefix(_SCHEME))
    raise EnvironmentNotAbleError(
        "the Docker provider needs an engine on this machine",
        cause=f"{origin} names one that is reached by another way than a unix socket: its "
        "containers cannot see this machine's folders, nor this process their addresses",
        evidence=[address],
        remedy='unset it to use the engine of this machine, or set provider = "embedded"',
    )


def _host(folder: Path, context: str) -> str:
    name = hashlib.sha256(context.encode()).hexdigest()
    meta = folder / "contexts" / "meta" / name / "meta.json"
    host = _read(meta).get("Endpoints", {}).get("docker", {}).get("Host")
    if host:
        return str(host)
    raise EnvironmentNotAbleError(
        f"the docker context {context!r} names no engine",
        cause="it is not defined, or has no address",
        evidence=[f"looked at {meta}"],
        remedy="see `docker context ls`; choose one by `docker context use NAME`, or unset "
        "DOCKER_CONTEXT",
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
