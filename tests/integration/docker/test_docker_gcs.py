"""fake-gcs-server in a container: what only a container can do wrong."""

from __future__ import annotations

import contextlib
import stat

import pytest

from harness.containers.engine import connect
from harness.containers.world import World
from harness.errors import ServiceError
from harness.machine.guardian import Guardian
from harness.services.docker.gcs import IMAGE, GcsContainer
from harness.services.embedded.gcs import find_program

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def world():
    with Guardian() as guardian, contextlib.closing(connect()) as engine:
        folder = guardian.make_folder(prefix="mage-harness-")
        with World(engine, guardian=guardian, folder=folder) as world:
            yield world


def ours(world):
    return world.engine.client.containers.list(
        all=True, filters={"label": f"mage-harness.session={world.label}"}
    )


def logs(world):
    return list(world.folder.glob("gcs-*.log"))


def test_it_is_the_version_of_the_embedded_provider():
    version = IMAGE.rpartition(":")[2]
    assert f"github.com/fsouza/fake-gcs-server\tv{version}".encode() in find_program().read_bytes()


def test_it_starts_again_empty_and_leaves_nothing(world):
    server = GcsContainer(world, folder=world.folder, project="p")
    server.stop()
    for _ in range(2):
        server.start()
        server.start()
        assert len(ours(world)) == 1
        assert [stat.S_IMODE(log.stat().st_mode) for log in logs(world)] == [0o600]
        assert server.buckets() == []
        with contextlib.closing(server.client()) as client:
            client.create_bucket("taxi")
        server.stop()
        server.stop()
        assert ours(world) == []
        assert logs(world) == []
    with pytest.raises(ServiceError, match="not running"):
        server.inventory()


def test_two_do_not_meet(world):
    one, two = (GcsContainer(world, folder=world.folder, project="p") for _ in range(2))
    try:
        one.start()
        two.start()
        with contextlib.closing(one.client()) as client:
            client.create_bucket("taxi")
        assert (one.buckets(), two.buckets()) == (["taxi"], [])
        assert one.endpoint != two.endpoint
    finally:
        one.stop()
        two.stop()


@pytest.mark.parametrize("how", ["kill", "remove"])
def test_a_container_that_is_gone_is_told_of_with_its_log(world, how):
    server = GcsContainer(world, folder=world.folder, project="p")
    server.start()
    try:
        (container,) = ours(world)
        if how == "kill":
            container.kill()
            cause = r"it was killed(?s:.)*server started at"
        else:
            container.remove(force=True)
            cause = "it was removed, by somebody else"
        calls = (server.inventory, server.reset, server.buckets, lambda: server.incidents(0))
        for call in calls:
            with pytest.raises(ServiceError, match=rf"container of gcs(?s:.)*{cause}"):
                call()
    finally:
        server.stop()
    assert logs(world) == []


def test_a_container_that_hangs_between_two_looks_does_not_hang_us(world, monkeypatch):
    from harness.services import gcs_api

    monkeypatch.setattr(gcs_api, "_PATIENCE", 0.5)
    server = GcsContainer(world, folder=world.folder, project="p")
    server.start()
    try:
        (container,) = ours(world)
        container.pause()
        with pytest.raises(ServiceError):
            server.buckets()
        container.unpause()
        assert server.buckets() == []
    finally:
        server.stop()


def test_another_program_in_the_image_is_told_of(world):
    server = GcsContainer(world, image="postgres:16", folder=world.folder, project="p")
    with pytest.raises(ServiceError, match=r"container of gcs(?s:.)*image postgres:16"):
        server.start()
    assert ours(world) == []
    assert logs(world) == []
