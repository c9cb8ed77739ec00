"""Containers of a session on a real engine: their network, their ends, their logs and commands."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from harness.containers import network as networks
from harness.containers.engine import connect, load
from harness.containers.spec import Mount, Spec
from harness.containers.sweep import LABEL, found
from harness.containers.world import World
from harness.errors import ServiceError
from harness.machine.guardian import Guardian

pytestmark = pytest.mark.docker

IMAGE = "postgres:16"


@pytest.fixture(scope="module")
def engine():
    load()
    with connect() as engine:
        yield engine


@pytest.fixture
def guardian():
    with Guardian() as guardian:
        yield guardian


@pytest.fixture
def world(engine, guardian):
    with World(engine, guardian=guardian, folder=guardian.make_folder(prefix="world-")) as world:
        yield world
    assert not any(held(engine, world.label).values())


def held(engine, label):
    return found(str(engine.socket), label)


def shell(script, *, name="box", **options):
    return Spec(name=name, image=IMAGE, entrypoint=("bash", "-c"), command=(script,), **options)


def at_once(_container):
    return True


def says(text):
    return lambda container: text in container.log()


def answers(port):
    def ready(container):
        try:
            socket.create_connection(container.address(port), timeout=1).close()
        except OSError:
            return False
        return True

    return ready


POSTGRES = Spec(
    name="db", image=IMAGE, environment={"POSTGRES_PASSWORD": "x"}, tmpfs={"/dev/shm/x": ""}
)


def test_this_process_reaches_the_container_and_the_container_this_process(world):
    database = world.start(POSTGRES, ready=answers(5432))
    assert database.address(5432)[1] == 5432
    with socket.create_server((world.bind, 0)) as listener:
        listener.settimeout(20)
        port = listener.getsockname()[1]
        script = f"exec 3<>/dev/tcp/{world.host}/{port}; echo hello >&3; sleep 600"
        world.start(shell(script), ready=at_once)
        with closing(listener.accept()[0]) as connection:
            connection.settimeout(20)
            assert connection.recv(10) == b"hello\n"


def test_containers_know_each_other_and_this_machine_by_name(world):
    one = world.start(shell("sleep 600", name="one"), ready=at_once)
    two = world.start(shell("sleep 600", name="two"), ready=at_once)
    status, text = two.run(["getent", "hosts", "one"])
    assert (status, text.split()[0]) == (0, one.address(1)[0])
    assert two.run(["getent", "hosts", "host.docker.internal"])[1].split()[0] == world.host


def test_nothing_leads_out_and_no_session_reaches_another(world, engine):
    box = world.start(shell("sleep 600"), ready=at_once)
    with Guardian() as guardian, World(engine, guardian=guardian, folder=world.folder) as other:
        neighbour = other.start(POSTGRES, ready=answers(5432))
        for host, port in (neighbour.address(5432), ("1.1.1.1", 53)):
            status, _ = box.run(["timeout", "2", "bash", "-c", f"exec 3<>/dev/tcp/{host}/{port}"])
            assert status, f"{host} is reached"
        assert other.network != world.network
        assert box.run(["timeout", "5", "getent", "hosts", "example.com"]) == (2, "")


def test_all_of_it_is_marked(world, engine):
    box = world.start(shell("sleep 600"), ready=at_once)
    assert held(engine, world.label)["containers"] == [box.id]
    attributes = engine.client.api.inspect_container(box.id)
    assert attributes["Config"]["Labels"][LABEL] == world.label
    assert attributes["HostConfig"]["RestartPolicy"]["Name"] in {"", "no"}
    assert not attributes["HostConfig"]["AutoRemove"]
    assert attributes["Name"].startswith("/mage-harness-")


def test_a_container_that_ends_fails_at_once_with_its_log(world, engine):
    with pytest.raises(ServiceError) as caught:
        world.start(shell("echo the reason >&2; exit 7"), ready=lambda _box: False, seconds=120)
    assert "status 7" in caught.value.cause
    assert "the reason" in caught.value.evidence
    assert held(engine, world.label)["containers"] == []


def test_one_that_is_not_ready_in_time_is_told_with_its_log(world, engine):
    with pytest.raises(ServiceError, match="not ready after 1 second") as caught:
        world.start(shell("echo waiting; sleep 600"), ready=lambda _box: False, seconds=1)
    assert "waiting" in caught.value.evidence
    assert held(engine, world.label)["containers"] == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_is_raised_while_it_is_awaited_removes_it(world, engine, error):
    def ready(_container):
        raise error

    with pytest.raises(error):
        world.start(shell("sleep 600"), ready=ready)
    assert held(engine, world.label)["containers"] == []


def test_a_program_that_is_not_there(world, engine):
    spec = replace(shell("x"), entrypoint=("/no/such/program",))
    with pytest.raises(ServiceError, match=r"no such file or directory|not found"):
        world.start(spec, ready=at_once)
    assert held(engine, world.label)["containers"] == []


def test_a_mount_that_is_not_there(world, tmp_path):
    missing = tmp_path / "missing"
    spec = shell("x", mounts=(Mount(source=missing, target="/x"),))
    with pytest.raises(ServiceError, match="bind source path does not exist"):
        world.start(spec, ready=at_once)
    assert not missing.exists()


def test_what_a_spec_says_is_so(world, tmp_path):
    (world.folder / "inner").mkdir()
    (tmp_path / "read").write_text("only")
    for folder in (world.folder, world.folder / "inner", tmp_path):
        # Whoever it is in the container, only the mount itself keeps it from writing.
        folder.chmod(0o777)
    spec = shell(
        "echo $A $PWD $(id -u) $(cat /read/read); df /memory | tail -1;"
        " echo ready; while :; do sleep 0.1; done",
        mounts=(
            Mount(source=world.folder, target=str(world.folder)),
            Mount(source=tmp_path, target="/read", read_only=True),
        ),
        environment={"A": "given"},
        tmpfs={"/memory": "size=8m"},
        user="1234:1234",
        working_dir="/var",
    )
    box = world.start(spec, ready=says("ready"))
    first, memory, _ = box.log().splitlines()
    assert first == "given /var 1234 only"
    assert memory.split()[1] == "8192"
    assert box.variables()["A"] == "given"
    assert box.run(["touch", "/read/x"])[0]
    assert box.run(["touch", f"{world.folder}/inner/x"]) == (0, "")
    assert (world.folder / "inner" / "x").exists()


def test_its_log_is_followed_from_the_start_to_the_end(world, tmp_path):
    box = world.start(
        shell("for i in $(seq 300); do echo line $i; done; sleep 0.5; echo done >&2; sleep 600"),
        ready=says("done"),
    )
    file = tmp_path / "log"
    file.write_text("before\n")
    box.follow(file)
    until = time.monotonic() + 60
    while "done" not in file.read_text() and time.monotonic() < until:
        time.sleep(0.01)
    box.run(["bash", "-c", "echo later >/proc/1/fd/1"])
    while "later" not in file.read_text() and time.monotonic() < until:
        time.sleep(0.01)
    threads = threading.active_count()
    box.stop()
    lines = [f"line {number}" for number in range(1, 301)]
    assert sorted(file.read_text().splitlines()) == sorted(["before", *lines, "done", "later"])
    assert threading.active_count() < threads


def test_a_command_is_executed_beside_its_program(world):
    box = world.start(shell("sleep 600"), ready=at_once)
    out = "/tmp/out"
    run = box.execute(
        ["bash", "-c", f"echo $A $PWD >{out}; sleep 3; exit 5"],
        environment={"A": "b c"},
        workdir="/var",
    )
    assert run.running
    assert run.exit_status is None
    until = time.monotonic() + 60
    while run.running and time.monotonic() < until:
        time.sleep(0.02)
    assert run.exit_status == 5
    assert box.run(["cat", out]) == (0, "b c /var\n")


def test_a_command_that_a_signal_ends_says_so(world):
    box = world.start(shell("sleep 600"), ready=at_once)
    run = box.execute(["bash", "-c", "kill -9 $$"])
    until = time.monotonic() + 60
    while run.running and time.monotonic() < until:
        time.sleep(0.02)
    assert run.exit_status == 137


def test_a_container_that_others_end_or_remove_is_noticed(world, engine):
    killed = world.start(shell("echo last words; sleep 600", name="a"), ready=says("last"))
    removed = world.start(shell("sleep 600", name="b"), ready=at_once)
    killed.check()
    engine.client.api.kill(killed.id)
    with pytest.raises(ServiceError, match="status 137: it was killed") as caught:
        killed.check()
    assert "last words" in caught.value.evidence
    engine.client.api.remove_container(removed.id, force=True, v=True)
    with pytest.raises(ServiceError, match="removed, by somebody else"):
        removed.check()
    with pytest.raises(ServiceError):
        removed.execute(["true"])
    removed.stop()


def test_many_are_started_at_once(world, engine):
    specs = [shell("sleep 600", name=f"box{number}") for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        boxes = list(pool.map(lambda spec: world.start(spec, ready=at_once), specs))
    assert len({box.address(1) for box in boxes}) == 4
    boxes[0].stop()
    boxes[0].stop()
    assert len(held(engine, world.label)["containers"]) == 3


def test_two_sessions_do_not_touch_each_other(world, engine):
    mine = world.start(shell("sleep 600"), ready=at_once)
    with Guardian() as guardian, World(engine, guardian=guardian, folder=world.folder) as other:
        other.start(shell("sleep 600"), ready=at_once)
    assert not any(held(engine, guardian.token).values())
    mine.check()
    assert held(engine, world.label)["networks"]


def test_a_worker_joins_the_network_and_leaves_it(world, engine):
    owners = world.start(shell("sleep 600", name="owners"), ready=at_once)
    with Guardian() as guardian:
        joined = World.join(engine, guardian=guardian, folder=world.folder, network=world.network)
        with joined:
            assert (joined.host, joined.reachable) == (world.host, world.reachable)
            box = joined.start(shell("sleep 600"), ready=at_once)
            assert box.run(["getent", "hosts", "owners"])[0] == 0
        assert not any(held(engine, guardian.token).values())
    owners.check()


def test_a_world_that_closes_takes_no_more_and_ends_what_is_being_started(engine, guardian):
    world = World(engine, guardian=guardian, folder=guardian.make_folder(prefix="world-"))
    world.open()
    errors = []

    def start():
        try:
            world.start(shell("sleep 600"), ready=lambda _box: False, seconds=600)
        except ServiceError as error:
            errors.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    until = time.monotonic() + 60
    while not held(engine, world.label)["containers"] and time.monotonic() < until:
        time.sleep(0.01)
    world.close()
    thread.join(20)
    [error] = errors
    assert "the session ends" in error.cause
    with pytest.raises(ServiceError):
        world.start(shell("x"), ready=at_once)
    assert not any(held(engine, world.label).values())
    world.close()


def test_a_world_can_be_opened_again(engine, guardian):
    world = World(engine, guardian=guardian, folder=guardian.make_folder(prefix="world-"))
    world.close()
    for _ in range(2):
        with world:
            world.open()
            world.start(shell("sleep 600"), ready=at_once).check()
        assert not any(held(engine, world.label).values())


def test_what_others_put_on_the_network_does_not_hold_it(engine, guardian, world):
    with Guardian() as other, World(engine, guardian=other, folder=world.folder) as theirs:
        box = theirs.start(shell("sleep 600"), ready=at_once)
        name = world.network
        engine.client.api.connect_container_to_network(box.id, name)
        world.close()
        box.check()
    assert name not in {one.name for one in engine.client.networks.list()}


def test_the_users_testcontainers_are_left_as_they_were(world, monkeypatch, caplog, capfd):
    from testcontainers.core.config import testcontainers_config as config

    monkeypatch.setattr(config, "_docker_auth_config", "not json")
    monkeypatch.setattr(config, "hub_image_name_prefix", "nowhere.invalid/")
    monkeypatch.setattr(config, "_ryuk_disabled", None)
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    caplog.set_level(logging.DEBUG, logger="testcontainers")
    environment = dict(os.environ)
    world.start(shell("sleep 600"), ready=at_once)
    assert config._docker_auth_config == "not json"
    assert config.hub_image_name_prefix == "nowhere.invalid/"
    assert not config.ryuk_disabled
    assert dict(os.environ) == environment
    assert caplog.records == []
    logging.getLogger("testcontainers.core.container").info("of the user's own")
    assert "of the user's own" in caplog.text
    assert capfd.readouterr().out == ""


def test_an_engine_in_a_virtual_machine_publishes_its_ports(guardian, monkeypatch):
    with connect() as engine:
        engine.facts = replace(engine.facts, system="Docker Desktop")
        monkeypatch.setattr(networks, "_require_desktop_name", lambda: None)
        with World(engine, guardian=guardian, folder=guardian.make_folder(prefix="w-")) as world:
            assert (world.bind, world.host) == ("127.0.0.1", "host.docker.internal")
            database = world.start(
                replace(POSTGRES, ports=(5432,)), ready=lambda box: "5432" in box.log()
            )
            host, port = database.address(5432)
            assert host == "host.docker.internal"
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
