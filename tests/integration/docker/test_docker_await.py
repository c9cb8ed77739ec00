"""A container that is awaited on a real engine: who ends or listens late."""

from __future__ import annotations

import socket

import pytest

from harness.containers.engine import connect, load
from harness.containers.spec import Spec
from harness.containers.world import World
from harness.errors import ServiceError
from harness.machine.guardian import Guardian

pytestmark = pytest.mark.docker

PORT = 4321
LISTEN = (
    "perl -MIO::Socket::INET -e "
    "'sleep 1; $s = IO::Socket::INET->new(LocalPort => 4321, Listen => 5, ReuseAddr => 1);"
    " while ($c = $s->accept) { close $c }'"
)


@pytest.fixture
def world():
    load()
    with (
        Guardian() as guardian,
        connect() as engine,
        World(engine, guardian=guardian, folder=guardian.make_folder(prefix="world-")) as world,
    ):
        yield world


def shell(script):
    return Spec(
        name="box",
        image="postgres:16",
        entrypoint=("bash", "-c"),
        command=(script,),
        ports=(PORT,),
    )


def test_nobody_asks_a_service_whose_container_ends(world):
    # A connection to an address that is gone is waited for by clients, and for long.
    asked = []
    for seconds in ("0.3", "0.35", "0.4", "0.45"):
        with pytest.raises(ServiceError, match="status 3"):
            world.start(shell(f"sleep {seconds}; exit 3"), ready=asked.append, poll=0.01)
    assert asked == []


def test_a_service_is_asked_as_soon_as_its_port_takes_connections(world):
    asked = []

    def ready(container):
        asked.append(container)
        socket.create_connection(container.address(PORT), 5).close()
        return len(asked) == 3

    box = world.start(shell(LISTEN), ready=ready)
    assert asked == [box] * 3
