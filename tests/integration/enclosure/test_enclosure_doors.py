"""Doors: what is allowed is reached as if there were no walls, by its address and by its name."""

from __future__ import annotations

import hashlib
import socket
import threading
from pathlib import Path

import pytest

from harness.errors import EnvironmentNotAbleError
from tests.integration.enclosure.walled import walled
from tests.walls import needs_namespace

pytestmark = needs_namespace

SIZE = 8 << 20
ASK = """
import hashlib, socket, sys
host, port = sys.argv[1], int(sys.argv[2])
with socket.create_connection((host, port), timeout=10) as connection:
    connection.sendall(b"q" * (8 << 20))
    connection.shutdown(socket.SHUT_WR)
    whole = hashlib.sha256()
    while piece := connection.recv(1 << 20):
        whole.update(piece)
print(whole.hexdigest())
"""


@pytest.fixture
def origin():
    """Says what it was told, once all of it has come."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, connection.makefile("rb") as told:
                    connection.sendall(told.read())

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_door_carries_everything_both_ways(origin: int, tmp_path: Path, host: str) -> None:
    command = ["python3", "-c", ASK, host, str(origin)]
    with walled(command, tmp_path, doors=((host, origin),)) as run:
        assert run.ended().strip() == hashlib.sha256(b"q" * SIZE).hexdigest()
        assert run.told() == []


def test_the_same_port_without_a_door_is_somebody_elses(origin: int, tmp_path: Path) -> None:
    with walled(["python3", "-c", ASK, "127.0.0.1", str(origin)], tmp_path) as run:
        assert "Connection refused" in run.ended()
        assert run.told() == [f"127.0.0.1:{origin}"]


def test_a_door_to_nobody_breaks_off(origin: int, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = taken.getsockname()[1]
        command = ["python3", "-c", ASK, "127.0.0.1", str(nobody)]
        with walled(command, tmp_path, doors=(("127.0.0.1", nobody),)) as run:
            assert "Error" in run.ended()


def test_a_name_with_a_door_is_looked_up_outside(origin: int, tmp_path: Path) -> None:
    name = socket.gethostname()
    with walled(["getent", "ahosts", name], tmp_path, doors=((name, origin),)) as run:
        assert run.ended()
        assert run.told() == []


def test_a_name_that_is_not_known_is_said(tmp_path: Path) -> None:
    doors = (("no-such-host..invalid", 80),)
    with (
        pytest.raises(EnvironmentNotAbleError, match="no-such-host"),
        walled(["true"], tmp_path, doors=doors),
    ):
        pass


def test_a_command_that_is_not_there_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(EnvironmentNotAbleError, match="cannot be started"),
        walled([str(tmp_path / "nothing")], tmp_path),
    ):
        pass


UNIX = """
import socket, sys
for path in sys.argv[1:]:
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print("reached")
    except OSError as error:
        print(type(error).__name__)
"""


def test_sockets_of_the_file_system_are_the_machines_own(tmp_path: Path) -> None:
    paths = [tmp_path / name / "s" for name in ("machine", "allowed", "run")]
    listening = []
    for path in paths:
        path.parent.mkdir()
        one = socket.socket(socket.AF_UNIX)
        one.bind(str(path))
        one.listen()
        listening.append(one)
    folder = tmp_path / "walls"
    folder.mkdir()
    command = ["python3", "-c", UNIX, *map(str, paths), str(tmp_path / "none")]
    places = (str(paths[1]), str(paths[2].parent))
    with walled(command, folder, places=places) as run:
        assert run.ended().split() == [
            "ConnectionRefusedError",
            "reached",
            "reached",
            "FileNotFoundError",
        ]
        assert run.told() == [str(paths[0])]
    for one in listening:
        one.close()


def test_keys_are_hidden_and_the_command_keeps_its_own_ways(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "credentials").write_text("secret")
    (home / ".pgpass").write_text("secret")
    script = 'cat "$0/.aws/credentials" "$0/.pgpass"; trap -p; echo end'
    hidden = (str(home / ".aws"), str(home / ".pgpass"), str(home / "none"))
    with walled(["bash", "-c", script, str(home)], tmp_path, hidden=hidden) as run:
        said = run.ended()
    assert "secret" not in said
    assert (home / ".pgpass").read_text() == "secret"
    assert (home / ".aws" / "credentials").read_text() == "secret"
    # Python ignores SIGPIPE; a command that inherited this would be told of its pipes too late.
    assert "SIGPIPE" not in said
    assert said.endswith("end\n")
