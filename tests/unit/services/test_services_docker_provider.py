"""The Docker provider, as far as it asks no engine."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from harness.machine.guardian import Guardian
from harness.machine.ports import HOST
from harness.services.docker.provider import DockerProvider
from harness.services.visitor import Shared
from harness.settings import Settings


class Service:
    """Listens, as one in a container would."""

    def __init__(self) -> None:
        self.listener = socket.create_server((HOST, 0))

    @property
    def listens_at(self) -> tuple[str, int]:
        return self.listener.getsockname()


@pytest.fixture
def port() -> int:
    with closing(socket.create_server((HOST, 0))) as probe:
        return probe.getsockname()[1]


def test_the_fixed_port_leads_to_the_service_that_was_started_last(
    tmp_path: Path, port: int
) -> None:
    provider = DockerProvider(
        Settings(ports={"postgres": port}), guardian=Guardian(), folder=tmp_path, progress=print
    )
    first, second = Service(), Service()
    try:
        provider.expose("postgres", first)
        first.listener.close()
        provider.expose("postgres", second)
        with socket.create_connection((HOST, port), timeout=30):
            second.listener.settimeout(30)
            second.listener.accept()[0].close()
    finally:
        provider.close()
        second.listener.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=30)


def test_a_worker_leaves_the_fixed_port_to_who_started_the_service(
    tmp_path: Path, port: int
) -> None:
    provider = DockerProvider(
        Settings(ports={"postgres": port}),
        guardian=Guardian(),
        folder=tmp_path,
        progress=print,
        shared=Shared(folder=tmp_path, postgres="postgresql://u@localhost/d"),
    )
    service = Service()
    try:
        # The controller listens there already.
        with closing(socket.create_server((HOST, port))):
            provider.expose("postgres", service)
    finally:
        provider.close()
        service.listener.close()
