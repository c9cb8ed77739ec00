"""Testcontainers as the harness uses it: one container, and nothing that the user did not ask for.

Its settings are global to the process, and a test may use Testcontainers itself. So they are
set only while a container of the harness is made or started, and put back.
"""

from __future__ import annotations

import logging
import os
import threading
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from harness.containers.network import DESKTOP_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from testcontainers.core.container import DockerContainer

    from harness.containers.engine import Engine
    from harness.containers.network import Network
    from harness.containers.spec import Spec

_LOOPBACK = "127.0.0.1"
_LOGGERS = ("container", "docker_client", "auth", "utils")
_OURS = {
    # The watchdog does what Ryuk would, without an image that must be pulled.
    "_ryuk_disabled": True,
    # Both are for images of the user's own; ours are named in the settings, and pulled by us.
    "_docker_auth_config": None,
    "hub_image_name_prefix": "",
}

_lock = threading.Lock()
_making = threading.Lock()
_users = 0
_theirs: dict[str, Any] = {}
_silent: ContextVar[bool] = ContextVar("silent", default=False)


def make(
    engine: Engine, spec: Spec, *, network: Network, name: str, labels: Mapping[str, str]
) -> DockerContainer:
    """A container that does not exist yet, with a client of its own.

    Args:
        engine: Where it will run.
        spec: What it is made from.
        network: What it will be connected to.
        name: Its name at the engine.
        labels: What marks it; a part of the request that creates it.
    """
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415

    client = {"environment": {"DOCKER_HOST": engine.url}, "version": engine.facts.api}
    with _settings(), _unchanged("DOCKER_HOST"):
        made = DockerContainer(spec.image, docker_client_kw=client)
    made.with_name(name).with_envs(**spec.environment)
    if spec.command is not None:
        made.with_command(list(spec.command))
    made.tmpfs.update(spec.tmpfs)
    if engine.desktop:
        # Of a virtual machine only published ports are reached, and only we are to reach them.
        ports: dict[str, Any] = {f"{port}/tcp": (_LOOPBACK, None) for port in spec.ports}
        made.ports.update(ports)
    made.with_kwargs(**_options(engine, spec, network=network, labels=labels))
    return made


def _options(
    engine: Engine, spec: Spec, *, network: Network, labels: Mapping[str, str]
) -> dict[str, Any]:
    from docker.types import EndpointConfig, LogConfig, Mount  # noqa: PLC0415

    options: dict[str, Any] = {
        "labels": dict(labels),
        "hostname": spec.name,
        "network": network.name,
        "networking_config": {
            network.name: EndpointConfig(engine.facts.api, aliases=[spec.name]),
        },
        "mounts": [
            # Unlike a volume's mapping, it is refused where the source does not exist.
            Mount(one.target, str(one.source), type="bind", read_only=one.read_only)
            for one in spec.mounts
        ],
        # What the engine keeps by default may be no log that can be read.
        "log_config": LogConfig(type="json-file"),
        # The user's proxies are for what leaves the machine.
        "use_config_proxy": False,
    }
    if not engine.desktop:
        options["extra_hosts"] = {DESKTOP_NAME: network.host}
        # Nobody knows the names of the outside; old engines say so after twenty seconds.
        options["dns_opt"] = ["timeout:1", "attempts:1"]
        # Nor its addresses, which some engines have packets vanish for: that is told after three
        # seconds instead of two minutes.
        options["sysctls"] = {"net.ipv4.tcp_syn_retries": "1"}
    if "name=selinux" in engine.facts.security:
        # Else the mounts would need new labels, on files that are not ours.
        options["security_opt"] = ["label=disable"]
    if "name=userns" in engine.facts.security:
        # Root in the container is to be root of this machine, or it cannot read the mounts.
        options["userns_mode"] = "host"
    chosen = {
        "entrypoint": None if spec.entrypoint is None else list(spec.entrypoint),
        "user": spec.user,
        "working_dir": spec.working_dir,
    }
    return options | {key: value for key, value in chosen.items() if value is not None}


def start(container: DockerContainer) -> None:
    """Create the container and start it."""
    with _settings():
        container.start()


def discard(container: DockerContainer) -> None:
    """Remove the container as far as the engine lets us, and close its client."""
    from docker.errors import DockerException  # noqa: PLC0415
    from requests.exceptions import RequestException  # noqa: PLC0415

    # What it cannot remove now, the world's sweep does.
    with suppress(DockerException, RequestException, OSError):
        container.stop()
    container.get_docker_client().client.close()


@contextmanager
def _settings() -> Iterator[None]:
    global _users  # noqa: PLW0603 - as global as what it guards
    from testcontainers.core.config import testcontainers_config as config  # noqa: PLC0415

    token = _silent.set(True)
    with _lock:
        _users += 1
        if _users == 1:
            _hush()
            _theirs.update({name: getattr(config, name) for name in _OURS})
            for name, value in _OURS.items():
                setattr(config, name, value)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                for name, value in _theirs.items():
                    setattr(config, name, value)
        _silent.reset(token)


@contextmanager
def _unchanged(name: str) -> Iterator[None]:
    """Put a variable back, into which the client writes the address of the user's context."""
    # One thread at a time: else one takes for the user's what another has written.
    with _making:
        value = os.environ.get(name)
        try:
            yield
        finally:
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _hush() -> None:
    """Keep what Testcontainers logs for us, and not what it logs for the user, from the log."""
    for name in _LOGGERS:
        logging.getLogger(f"testcontainers.core.{name}").addFilter(_audible)


def _audible(_record: logging.LogRecord) -> bool:
    return not _silent.get()
