"""PostgreSQL in a container: what only a container can do wrong, and what must be as embedded."""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
import subprocess
import threading

import psycopg2
import pytest

from harness.containers.engine import connect
from harness.containers.world import World
from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.machine.guardian import Guardian
from harness.services.docker import postgres
from harness.services.docker.postgres import PostgresContainer
from harness.services.embedded.postgres import PostgresServer
from harness.services.given.postgres import GivenPostgres
from harness.services.postgres_settings import SETTINGS
from harness.settings import Settings

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def world():
    with Guardian() as guardian, contextlib.closing(connect()) as engine:
        folder = guardian.make_folder(prefix="mage-harness-")
        with World(engine, guardian=guardian, folder=folder) as world:
            yield world


@pytest.fixture(scope="module")
def container(world):
    service = PostgresContainer(world, folder=world.folder)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def mortal(world):
    """One that a test may break."""
    service = PostgresContainer(world, folder=world.folder)
    service.start()
    yield service
    service.stop()


def engines_own(service):
    world = service.server._world
    return world.engine.client.containers.get(service.server._container.id)


def logs(world):
    return {path for path in world.folder.iterdir() if path.name.startswith("postgres-")}


def facts(service):
    """What results and judgements depend on."""
    # Names and places of files differ, and so do the sizes that only the machine decides.
    settings = service.query(
        "SELECT name, setting FROM pg_settings WHERE context <> 'internal' "
        "AND category NOT LIKE 'File Locations%' AND category NOT LIKE '%SSL' "
        "AND name NOT IN ('port', 'listen_addresses', "
        "'unix_socket_directories', 'unix_socket_permissions', 'log_directory', 'log_file_mode', "
        "'max_stack_depth', 'application_name', 'unix_socket_group', "
        "'krb_server_keyfile', 'external_pid_file') ORDER BY 1"
    )
    databases = service.query(
        "SELECT datname, datcollate, datctype, datlocprovider::text, pg_get_userbyid(datdba) AS o, "
        "pg_encoding_to_char(encoding) AS e FROM pg_database ORDER BY 1"
    )
    roles = service.query(
        "SELECT rolname, rolsuper, rolcreatedb, rolcanlogin FROM pg_roles "
        "WHERE rolname NOT LIKE 'pg\\_%' ORDER BY 1"
    )
    return settings.to_pylist(), databases.to_pylist(), roles.to_pylist()


def test_it_is_set_up_as_the_embedded_one(container):
    embedded = PostgresServer(cache=Settings().cache)
    embedded.start()
    try:
        for mine, other in zip(facts(container), facts(embedded), strict=True):
            assert mine == other
        words = "SELECT string_agg(w, '' ORDER BY w) AS a, upper('é') AS u FROM (VALUES ('b'), ('A'), ('ä'), ('Z'), ('_')) v(w)"
        assert container.query(words).to_pylist() == embedded.query(words).to_pylist()
    finally:
        embedded.stop()


def test_its_data_is_in_memory_and_no_volume_is_made(container):
    mounts = engines_own(container).attrs["Mounts"]
    assert [mount["Destination"] for mount in mounts if mount["Type"] == "volume"] == []
    status, output = container.server._container.run(["stat", "-f", "-c", "%T", postgres._DATA])
    assert (status, output.strip()) == (0, "tmpfs")


def test_the_password_is_not_in_a_command_line(container):
    held = engines_own(container)
    lines = " ".join(held.attrs["Config"]["Cmd"] + held.attrs["Config"]["Entrypoint"])
    assert container.password not in lines
    assert container.server._container.variables()["POSTGRES_PASSWORD"] not in lines


def test_its_log_is_private_and_goes_with_it(world):
    before = logs(world)
    service = PostgresContainer(world, folder=world.folder)
    service.stop()
    service.start()
    service.start()
    assert service.log.exists()
    assert stat.S_IMODE(world.folder.stat().st_mode) == 0o700
    assert len(logs(world) - before) == 1
    service.execute("CREATE TABLE t (a int)")
    service.stop()
    service.stop()
    assert logs(world) == before
    service.start()
    assert service.inventory() == []
    service.stop()
    with pytest.raises(ServiceError, match="not running"):
        service.inventory()


def test_one_that_is_killed_is_told_of_by_each_question(mortal):
    engines_own(mortal).kill()
    asked = [
        mortal.inventory,
        mortal.reset,
        lambda: mortal.incidents(0),
        lambda: mortal.query("SELECT 1"),
        lambda: mortal.execute("SELECT 1"),
        lambda: mortal.read("public.t"),
    ]
    for ask in asked:
        with pytest.raises(ServiceError, match="container of postgres") as caught:
            ask()
        assert "status 137" in caught.value.cause
    mortal.stop()


def test_one_that_is_killed_in_the_middle_of_a_question(mortal):
    killer = threading.Timer(0.3, engines_own(mortal).kill)
    killer.start()
    with pytest.raises(ServiceError, match=r"container of postgres|does not answer"):
        mortal.query("SELECT pg_sleep(30)")
    killer.join()
    with pytest.raises(ServiceError, match="container of postgres"):
        mortal.inventory()


def test_one_that_was_removed_is_told_of(mortal):
    engines_own(mortal).remove(force=True, v=True)
    with pytest.raises(ServiceError, match="removed"):
        mortal.inventory()
    mortal.stop()


def test_one_that_hangs_is_told_of(mortal, monkeypatch):
    held = engines_own(mortal)
    held.pause()
    try:
        with monkeypatch.context() as patched:
            patched.setattr("harness.services.postgres_access._PATIENCE", 2)
            with pytest.raises(ServiceError, match=r"does not answer|container of postgres"):
                mortal.inventory()
    finally:
        held.unpause()
    assert mortal.inventory() == []


def test_one_that_dies_at_its_start_shows_its_log_at_once(world, monkeypatch):
    before = logs(world)
    monkeypatch.setattr(postgres, "SETTINGS", SETTINGS | {"shared_buffers": "nonsense"})
    with pytest.raises(ServiceError, match="nonsense"):
        PostgresContainer(world, folder=world.folder).start()
    # From here on its messages go to the log of its own.
    monkeypatch.setattr(postgres, "SETTINGS", SETTINGS | {"shared_preload_libraries": "no_such"})
    with pytest.raises(ServiceError, match="no_such"):
        PostgresContainer(world, folder=world.folder).start()
    assert logs(world) == before


def test_an_image_that_is_not_there_is_told_of(world):
    image = "mage-harness.invalid/postgres:16"
    with pytest.raises(EnvironmentNotAbleError, match=r"mage-harness\.invalid"):
        PostgresContainer(world, image=image, folder=world.folder).start()


def test_sessions_of_workers_share_one_container(container):
    one = GivenPostgres(container.url, log=container.log)
    two = GivenPostgres(container.url, log=container.log)
    one.start()
    two.start()
    with (
        contextlib.closing(psycopg2.connect(two.url)) as connection,
        pytest.raises(psycopg2.Error),
    ):
        connection.cursor().execute("boom")
    assert [incident.detail for incident in two.incidents(0)] == ["boom"]
    assert one.incidents(0) == []
    one.reset()
    assert len(two.incidents(0)) == 1
    one.stop()
    two.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as a normal user already")
def test_a_normal_user_can_read_empty_and_delete_the_log(mortal):
    """As that user the harness would have made the folder; here it is lent to it."""
    nobody = pwd.getpwnam("nobody")
    log = mortal.log
    mortal.query("SELECT 'mark'")
    # The way to it is closed to all others; the folder itself is opened for one command.
    os.chown(log.parent, nobody.pw_uid, nobody.pw_gid)
    folder = os.open(log.parent, os.O_PATH)
    script = (
        f"cd /proc/self/fd/{folder} && grep -q mark postgres.json && : >postgres.json "
        "&& test ! -s postgres.json && rm postgres.json"
    )
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        pass_fds=[folder],
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        check=False,
        capture_output=True,
        text=True,
    )
    os.close(folder)
    assert done.returncode == 0, done.stderr
