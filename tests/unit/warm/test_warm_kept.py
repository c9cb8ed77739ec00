"""The server that stays between commands: who finds it, who does not, and when it ends."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.cli.main import run_command
from harness.machine import meeting
from harness.running.spawn import Cold
from harness.running.warm import choice, place
from harness.running.warm.spawner import Warm
from harness.settings import Settings
from harness.tap import SITE
from tests.processes import has_ended
from tests.unit.warm.warm_bench import ENV, opened, own_servers, wait_until
from tests.walls import needs_namespace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm runs are Linux's only")


@pytest.fixture(autouse=True)
def _own_servers(tmp_path):
    with own_servers(tmp_path.name):
        yield


def pid(bench) -> int:
    return bench.server.told(within=30.0)["pid"]


def test_the_next_command_finds_the_server_of_the_one_before(tmp_path) -> None:
    with opened(tmp_path, network="guard") as first:
        assert first.run("print(1)").exit_status == 0
        server = pid(first)
    with opened(tmp_path, network="guard") as second:
        assert second.run("print(2)").stdout.read_text() == "2\n"
        assert (pid(second), second.notes) == (server, [])


def test_two_commands_side_by_side_have_one_server(tmp_path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    with opened(tmp_path, network="guard") as one, opened(tmp_path, network="guard") as other:
        one.folder, other.folder = folders
        with ThreadPoolExecutor(2) as pool:
            code = "import time; time.sleep(0.3); print('done')"
            runs = list(pool.map(lambda bench: bench.run(code), (one, other)))
        assert [run.stdout.read_text() for run in runs] == ["done\n"] * 2
        assert pid(one) == pid(other)
        assert one.notes + other.notes == []


def test_another_environment_has_another_server(tmp_path) -> None:
    with (
        opened(tmp_path, network="guard") as first,
        opened(tmp_path, network="guard", env={"PYTHONHASHSEED": "1"}) as second,
    ):
        assert pid(first) != pid(second)


def test_a_command_that_becomes_another_has_another_server(tmp_path) -> None:
    with opened(tmp_path, network="guard") as bench:
        before = pid(bench)
        other = tmp_path / "bin" / "other"
        other.touch()
        bench.warm.prepare((sys.executable, str(other)), env=ENV)
        assert pid(bench) != before
        bench.script = other
        assert bench.run("print(1)").stdout.read_text() == "1\n"
        assert bench.notes == [], "it was forked indeed"


def test_a_server_whose_files_have_changed_is_followed_by_another(tmp_path) -> None:
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    env = {"PYTHONPATH": f"{SITE}:{libraries}"}
    with opened(tmp_path, network="guard", env=env) as first:
        server = pid(first)
    (libraries / "installed.py").touch()
    with opened(tmp_path, network="guard", env=env) as second:
        code = "import installed; print(installed.__name__)"
        assert second.run(code, env=env).stdout.read_text() == "installed\n"
        assert (pid(second) != server, second.notes) == (True, [])
    wait_until(lambda: has_ended(server))


def test_who_is_refused_by_a_server_meets_it_no_more(tmp_path) -> None:
    with opened(tmp_path, network="guard") as bench:
        pid(bench)
        address = bench.server.address
    bench.script.parent.joinpath("installed.py").touch()
    line = meeting.connected(address)
    assert line is not None
    with line:
        assert line.recv(1) == b""
        assert meeting.connected(address) is None


@needs_namespace
def test_a_run_within_walls_has_no_way_to_the_server(tmp_path) -> None:
    with opened(tmp_path, network="namespace") as bench:
        code = (
            "import socket\n"
            "line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
            f"print(line.connect_ex({bench.server.address!r}))\n"
            "print('mage-harness-warm' in open('/proc/net/unix').read())"
        )
        refused = 111
        assert bench.run(code).stdout.read_text() == f"{refused}\nFalse\n"
        assert bench.notes == [], "it was forked indeed"
        assert bench.server.address in meeting.addresses(place.PREFIX)


def test_a_server_ends_when_it_is_idle(tmp_path) -> None:
    with opened(tmp_path, network="guard", idle=0.2) as bench:
        wait_until(lambda: has_ended(pid(bench)))
        assert (bench.run("print(1)").exit_status, len(bench.notes)) == (0, 1)


@pytest.mark.parametrize("ci", ["true", None])
def test_in_ci_a_server_ends_after_the_last_command(tmp_path, monkeypatch, ci) -> None:
    monkeypatch.setattr(choice, "_AFTER_CI", 0.2)
    monkeypatch.delenv("CI", raising=False)
    if ci:
        monkeypatch.setenv("CI", ci)
    with opened(tmp_path, network="guard", warm=spawner()) as first:
        assert first.run("print(1)").exit_status == 0
        server = pid(first)
        with opened(tmp_path, network="guard", warm=spawner()) as second:
            assert pid(second) == server
        # However long that takes: it is open here still.
        assert first.run("import time; time.sleep(0.5); print(2)").exit_status == 0
        assert pid(first) == server
    if ci:
        wait_until(lambda: has_ended(server))
    with opened(tmp_path, network="guard", warm=spawner()) as third:
        assert (pid(third) == server) == (ci is None)


def spawner() -> Warm:
    found = choice.spawner_of(Settings(runner="warm"), progress=print)
    assert isinstance(found, Warm)
    return found


@pytest.mark.parametrize(
    "settings",
    [
        Settings(runner="cold"),
        Settings(provider="docker"),
        Settings(at="2021-02-01T05:00Z"),
    ],
)
def test_where_no_run_is_warm_no_server_starts(settings) -> None:
    assert isinstance(choice.spawner_of(settings, progress=print), Cold)
    assert choice.ahead_of(Cold()) is None


def test_servers_are_told_of_and_ended_by_the_command(tmp_path, capsys) -> None:
    assert run_command(["warm", "status"]) == 0
    assert capsys.readouterr().out == "no server runs\n"
    with opened(tmp_path, network="guard") as bench:
        assert bench.run("print(1)").exit_status == 0
        server = pid(bench)
    assert run_command(["warm", "status"]) == 0
    assert capsys.readouterr().out.startswith(f"server {server}: ")
    assert run_command(["warm", "stop"]) == 0
    assert capsys.readouterr().out == "1 server told to end\n"
    wait_until(lambda: has_ended(server))


def test_an_address_is_one_servers_alone() -> None:
    address = f"\0{place.PREFIX}-0-test"
    listening = meeting.opened(address)
    assert listening is not None
    with listening:
        assert meeting.opened(address) is None


LAST = """
import json, os
class Last:
    def __del__(self, write=os.write): write(1, b'ended')
"""


@pytest.mark.parametrize(
    "code",
    [
        "file = open(1, 'w', closefd=False); file.write('ended')",
        "import json; json.held = open(1, 'w', closefd=False); json.held.write('ended')",
        f"{LAST}last = Last()",
        f"{LAST}json.held = Last()",
    ],
)
def test_what_a_run_leaves_open_is_ended_as_ever(tmp_path, code: str) -> None:
    with opened(tmp_path, network="guard") as bench:
        warm = bench.run(code)
        assert bench.notes == [], "it was forked indeed"
        cold = bench.run(code, env={"LD_OTHER": ""})
    for run in (warm, cold):
        said = run.stdout.read_text(), run.stderr.read_text()
        assert (run.exit_status, *said) == (0, "ended", "")


def test_a_server_that_still_loads_has_nothing_where_the_command_keeps_its_own(
    monkeypatch, tmp_path
) -> None:
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    with own_servers(tmp_path.name), opened(tmp_path, network="guard"):
        assert list(private.iterdir()) == []
