"""The embedded PostgreSQL: how it starts and ends, and what it says when it cannot."""

from __future__ import annotations

import os
import pwd
import socket
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg2
import pytest

import harness
from harness.errors import EnvironmentNotAbleError, ServiceError
from harness.machine import space, tenancy
from harness.services.embedded import cluster, installation, postgres
from harness.services.embedded.account import Account
from harness.services.embedded.postgres import PostgresServer


def test_only_loopback_is_listened_on_and_the_data_is_private(server):
    process = psutil.Process(server.server._program.pid)
    addresses = {one.laddr.ip for one in process.net_connections("inet") if one.status == "LISTEN"}
    assert addresses == {"127.0.0.1"}
    assert stat.S_IMODE(server.server._tenancy.folder.stat().st_mode) == 0o700
    assert server.password not in " ".join(process.cmdline())


def test_start_and_stop_leave_nothing(cache):
    server = PostgresServer(cache=cache)
    server.stop()
    server.start()
    server.start()
    pid, port, folder = server.server._program.pid, server.port, server.server._tenancy.folder
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    server.execute("CREATE TABLE t (a int)")
    server.stop()
    server.stop()
    psutil.wait_procs(family, timeout=60)
    assert not any(process.is_running() for process in family)
    assert not folder.exists()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    server.start()
    assert server.inventory() == []
    server.stop()
    with pytest.raises(ServiceError, match="not running"):
        server.inventory()


def test_a_fixed_port_is_used_and_a_taken_one_is_named(cache):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        other.listen()
        with pytest.raises(EnvironmentNotAbleError, match=f"port {port}, set for postgres"):
            PostgresServer(cache=cache, port=port).start()
    server = PostgresServer(cache=cache, port=port)
    server.start()
    assert server.port == port
    server.stop()


def test_a_port_lost_to_another_program_is_tried_again(cache, monkeypatch):
    real = tenancy.claim
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        stolen = other.getsockname()[1]
        claims = []

        def claim(**options):
            port = real(**options)
            claims.append(port)
            if len(claims) == 1:
                port.release()
                return type(port)(number=stolen, fixed=False, file=port.file)
            return port

        monkeypatch.setattr(tenancy, "claim", claim)
        server = PostgresServer(cache=cache)
        server.start()
        assert len(claims) == 2
        assert server.query("SELECT 1 AS a").num_rows == 1
        server.stop()


def test_a_server_that_does_not_start_shows_its_log(cache, monkeypatch):
    monkeypatch.setitem(cluster.ENVIRONMENT, "PGDATA", "/")
    real = cluster.set_password

    def spoil(found, data, **options):
        real(found, data, **options)
        with (data / "postgresql.conf").open("a") as file:
            file.write("shared_buffers = 'nonsense'\n")

    monkeypatch.setattr(cluster, "set_password", spoil)
    server = PostgresServer(cache=cache)
    with pytest.raises(ServiceError, match="nonsense"):
        server.start()
    assert server.server._tenancy.folder is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_said_with_the_place_and_what_is_free(cache, monkeypatch, tmp_path):
    small = Path("/tmp") / f"mage-harness-small-{os.getpid()}"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=1777", "tmpfs", small]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        small.rmdir()
        pytest.skip("this root cannot mount")
    try:
        monkeypatch.setenv("TMPDIR", str(small))
        monkeypatch.setattr("tempfile.tempdir", str(small))
        with pytest.raises(EnvironmentNotAbleError, match="the disk is full") as caught:
            PostgresServer(cache=cache).start()
        assert str(small) in caught.value.cause
        assert "MiB are free" in caught.value.evidence[0]
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)
        small.rmdir()


def test_any_lack_of_space_is_explained(tmp_path):
    with (
        pytest.raises(EnvironmentNotAbleError, match="the disk is full: doing it"),
        space.explained(tmp_path / "not" / "there", doing="doing it"),
    ):
        raise OSError(28, "No space left on device")


@pytest.fixture
def hidden(tmp_path):
    """PostgreSQL in a folder that only the present user can enter, as a wheel below /root is."""
    found = installation.find()
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    wheel = private / found.root.name
    subprocess.run(["cp", "-R", found.root, wheel], check=True)
    libraries = found.root.parent / f"{installation.WHEEL}.libs"
    if libraries.exists():
        subprocess.run(["cp", "-R", libraries, private], check=True)
    return installation.Installation(
        wheel / found.bin.relative_to(found.root), found.version, wheel
    )


@pytest.fixture
def open_folder():
    """A folder below /tmp that all users can reach, unlike tmp_path."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="services-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_programs_that_another_user_cannot_read_are_copied_once(hidden, tmp_path):
    assert hidden.major == 16
    stranger = Account(uid=54321, gid=54321, lent=True)
    kept = tmp_path / "kept"
    kept.mkdir()
    copied = installation.placed(hidden, who=stranger, cache=kept)
    assert copied.bin.is_relative_to(kept)
    said = subprocess.run([copied.bin / "initdb", "--version"], capture_output=True, check=True)
    assert hidden.version in said.stdout.decode()
    before = (copied.bin / "postgres").stat().st_ino
    again = installation.placed(hidden, who=stranger, cache=kept)
    assert again == copied
    assert (again.bin / "postgres").stat().st_ino == before
    assert {path.name for path in kept.iterdir()} == {
        copied.root.parent.name,
        f"{copied.root.parent.name}.lock",
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another user")
def test_as_root_it_runs_as_another_user_from_a_copy(hidden, open_folder, monkeypatch):
    monkeypatch.setattr(postgres, "find", lambda **options: hidden)
    server = PostgresServer(cache=open_folder / "cache")
    server.start()
    process = psutil.Process(server.server._program.pid)
    assert process.uids().real == pwd.getpwnam("nobody").pw_uid
    assert Path(process.exe()).is_relative_to(open_folder / "cache")
    assert server.query("SELECT 1 AS a").num_rows == 1
    server.stop()


def test_two_first_starts_at_once_share_one_initialised_directory(open_folder):
    servers = [PostgresServer(cache=open_folder / "cache") for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(server.start) for server in servers]:
            done.result()
    assert servers[0].port != servers[1].port
    servers[0].execute("CREATE TABLE t (a int)")
    assert servers[1].inventory() == []
    for server in servers:
        server.stop()
    names = [path.name for path in (open_folder / "cache").iterdir() if path.is_dir()]
    assert len([name for name in names if name.startswith("pgdata-")]) == 1
    assert not [name for name in names if name.endswith(".partial")]


NORMAL = """
import os, sys
from pathlib import Path
from harness.services.embedded.postgres import PostgresServer
import psutil
server = PostgresServer(cache=Path(sys.argv[1]))
server.start()
assert os.geteuid() != 0
assert psutil.Process(server.server._program.pid).uids().real == os.geteuid()
server.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
print([(sink.name, sink.rows) for sink in server.inventory()], server.incidents(0))
server.reset()
server.stop()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests run as a normal user already")
def test_as_a_normal_user_it_runs_as_that_user(open_folder):
    nobody = pwd.getpwnam("nobody")
    lent = Account(uid=nobody.pw_uid, gid=nobody.pw_gid, lent=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [
        Path(sys.executable),
        *Path("/usr").glob(f"bin/{version}"),
        *Path("/usr/local").glob(f"bin/{version}"),
    ]
    python = next((one for one in candidates if one.exists() and lent.reaches(one)), None)
    needed = (Path(harness.__file__), Path(psycopg2.__file__))
    if python is None or not all(lent.reaches(one) for one in needed):
        pytest.skip("a normal user cannot read this Python, this checkout or its environment")
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, lent.uid, lent.gid)
    done = subprocess.run(
        [python, "-c", NORMAL, home / "cache"],
        env={"HOME": str(home), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        user=lent.uid,
        group=lent.gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[('public.t', 1)] []\n"
    assert {path.stat().st_uid for path in (home / "cache").iterdir()} == {lent.uid}


def test_a_folder_without_postgres_is_told_of(tmp_path, cache):
    with pytest.raises(EnvironmentNotAbleError, match="no PostgreSQL 15 or newer") as caught:
        PostgresServer(cache=cache, bin_folder=tmp_path).start()
    assert str(tmp_path) in caught.value.evidence[0]
