"""A session's own network: made, looked at, and its two errors."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.containers.explain import explained
from harness.containers.owner import leftovers
from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.containers.engine import Engine

DESKTOP_NAME = "host.docker.internal"
_LOOPBACK = "127.0.0.1"
_POOLS = ("non-overlapping ipv4 address pool", "predefined address pools")
_EMBEDDED = 'or set provider = "embedded"'


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network at the engine.

    Attributes:
        name: Its name.
        bind: The address that servers of this process bind.
        host: The address by which containers reach them.
        reachable: Addresses, names or ranges in which the session's services lie.
    """

    name: str
    bind: str
    host: str
    reachable: tuple[str, ...]


def make(engine: Engine, name: str, *, labels: Mapping[str, str]) -> None:
    """Make a network; on an engine of this machine one that leads nowhere else.

    Raises:
        EnvironmentNotAbleError: The engine has no address range left.
        ServiceError: The engine refused.
    """
    from docker.errors import APIError  # noqa: PLC0415

    with explained(engine, doing="making a network"):
        try:
            engine.client.networks.create(
                name, driver="bridge", internal=not engine.desktop, labels=dict(labels)
            )
        except APIError as error:
            if any(words in str(error.explanation).lower() for words in _POOLS):
                raise _no_pool(engine, str(error.explanation)) from error
            raise


def look(engine: Engine, name: str) -> Network:
    """What a network's addresses are, and whether this process can listen on its own.

    Raises:
        EnvironmentNotAbleError: This process cannot listen where containers reach it.
        ServiceError: There is no such network, or the engine does not answer.
    """
    if engine.desktop:
        _require_desktop_name()
        return Network(
            name=name, bind=_LOOPBACK, host=DESKTOP_NAME, reachable=(DESKTOP_NAME, _LOOPBACK)
        )
    with explained(engine, doing=f"looking at the network {name}"):
        pools = engine.client.api.inspect_network(name)["IPAM"]["Config"]
    pool = next(one for one in pools if ":" not in one["Subnet"])
    # Some engines give no gateway for an internal network, but always the first address.
    gateway = str(pool.get("Gateway") or _first(pool["Subnet"])).partition("/")[0]
    _require_listening(engine, gateway)
    return Network(name=name, bind=gateway, host=gateway, reachable=(pool["Subnet"],))


def _first(subnet: str) -> str:
    import ipaddress  # noqa: PLC0415

    return str(next(ipaddress.ip_network(subnet).hosts()))


def _require_listening(engine: Engine, gateway: str) -> None:
    with socket.socket() as probe:
        try:
            probe.bind((gateway, 0))
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise
            raise EnvironmentNotAbleError(
                "containers cannot reach this process",
                cause=f"the network's gateway {gateway} is not an address of this machine",
                evidence=[
                    f"engine {engine.version} ({engine.facts.system}) at {engine.socket}",
                    "Docker 25.0.0 to 25.0.3 give the gateway of an internal network no address",
                    "nor does gateway_mode_ipv4=isolated in default-network-opts of daemon.json",
                    "in a container that is lent the socket, the engine's machine has the address",
                ],
                remedy="update Docker, remove that option, or run outside of a container; "
                f"{_EMBEDDED}",
            ) from error


def _require_desktop_name() -> None:
    try:
        found = socket.gethostbyname(DESKTOP_NAME)
    except OSError:
        found = ""
    if not found.startswith("127."):
        raise EnvironmentNotAbleError(
            f"{DESKTOP_NAME} does not lead to this machine itself",
            cause="services must have one name for the test process and for containers, and "
            "Docker Desktop gives containers this one",
            evidence=[f"here it leads to {found or 'nothing'}"],
            remedy=f"add the line `{_LOOPBACK} {DESKTOP_NAME}` to /etc/hosts, {_EMBEDDED}",
        )


def _no_pool(engine: Engine, detail: str) -> EnvironmentNotAbleError:
    dead = leftovers(engine)
    remedy = "remove networks that nothing uses (`docker network prune`)"
    if dead:
        remedy = f"remove what dead sessions left: `docker network rm {' '.join(dead)}`"
    return EnvironmentNotAbleError(
        "the Docker engine has no address range left for another network",
        cause=detail.strip(),
        evidence=[f"networks of sessions that are dead: {', '.join(dead) or 'none'}"],
        remedy=f"{remedy}, add ranges by default-address-pools in daemon.json, {_EMBEDDED}",
    )
