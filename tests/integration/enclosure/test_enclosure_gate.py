"""The gate under strain: many at once, the last moment, and what it cannot do."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import EnvironmentNotAbleError
from tests.integration.enclosure.walled import walled
from tests.walls import needs_namespace

pytestmark = needs_namespace

MANY = 200
ASK_MANY = """
import socket, sys
port, many = int(sys.argv[1]), int(sys.argv[2])
all = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(many)]
for one in all:
    one.sendall(b"x")
print(sum(one.recv(1) == b"x" for one in all))
"""
LAST_WORDS = """
import os, socket
for number in range(1, 101):
    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asked.sendto(b"x", ("198.51.100.%d" % number, 9))
os.kill(os.getpid(), 9)
"""
# An address of 2^63 and more, one that is not mapped, and a refused one after these.
STRANGE = """
import ctypes, errno, socket
libc = ctypes.CDLL(None, use_errno=True)
for at in (1 << 63, 8):
    one = socket.socket()
    assert libc.connect(one.fileno(), ctypes.c_void_p(at), 16) == -1
    print(errno.errorcode[ctypes.get_errno()])
try:
    socket.create_connection(("198.51.100.1", 80), timeout=5)
except OSError as error:
    print(errno.errorcode[error.errno])
"""
ALLOWED_NO_MORE = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(425, 1, None)
print(errno.errorcode[ctypes.get_errno()])
with open("/proc/self/status") as status:
    bounds = next(int(line.split()[1], 16) for line in status if line.startswith("CapBnd"))
print(bounds >> 19 & 1, bounds >> 21 & 1)
"""


def run_python(code: str, folder: Path, *arguments: str, **walls: tuple) -> tuple[str, list[str]]:
    with walled([sys.executable, "-c", code, *arguments], folder, **walls) as run:
        said = run.ended()
        assert run.end() == ""
        return said, run.told()


def echo(listening: socket.socket) -> None:
    connections = [listening.accept()[0] for _ in range(MANY)]
    for one in connections:
        with one:
            one.sendall(one.recv(1))


@pytest.fixture
def usual_limit() -> Iterator[None]:
    """The soft limit on descriptors that a system gives by default."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.usefixtures("usual_limit")
def test_a_door_has_room_for_hundreds_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=MANY) as listening:
        threading.Thread(target=echo, args=(listening,), daemon=True).start()
        port = listening.getsockname()[1]
        doors = (("127.0.0.1", port),)
        said, _ = run_python(ASK_MANY, tmp_path, str(port), str(MANY), doors=doors)
    assert said.split() == [str(MANY)]


def test_what_is_sent_just_before_the_end_is_told(tmp_path: Path) -> None:
    _, told = run_python(LAST_WORDS, tmp_path)
    assert told == sorted(f"198.51.100.{number}:9 (UDP)" for number in range(1, 101))


def test_an_address_that_is_none_fails_and_the_next_is_told(tmp_path: Path) -> None:
    said, told = run_python(STRANGE, tmp_path)
    assert said.split() == ["EFAULT", "EFAULT", "ECONNREFUSED"]
    assert told == ["198.51.100.1:80"]


def test_ways_around_the_gate_are_closed(tmp_path: Path) -> None:
    said, _ = run_python(ALLOWED_NO_MORE, tmp_path)
    assert said.split() == ["ENOSYS", "0", "0"]


def test_an_attempt_that_cannot_be_written_down_is_the_gates_fault(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").mkdir()
    with walled(["bash", "-c", "echo x > /dev/tcp/198.51.100.1/80"], tmp_path) as run:
        assert "/dev/tcp/198.51.100.1/80" in run.ended()
        assert "198.51.100.1:80 cannot be written down" in run.end()


def test_a_gate_that_is_killed_is_noticed(tmp_path: Path) -> None:
    with walled(["sleep", "60"], tmp_path) as run:
        group = str(run.started.process.pid)
        found = subprocess.run(["pgrep", "-g", group], capture_output=True, text=True, check=True)
        (gate,) = {int(one) for one in found.stdout.split()} - {run.started.process.pid}
        os.kill(gate, signal.SIGKILL)
        assert run.end() == "it was ended without a word"


def test_walls_within_walls_say_what_they_lack(tmp_path: Path) -> None:
    """Only one may be asked before each connection, so there the inner ones have no say."""
    (tmp_path / "inner").mkdir()
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.integration.enclosure.walled import walled\n"
        "with walled(['true'], Path(sys.argv[1])) as run: print(run.started.lacking)"
    )
    said, _ = run_python(
        f"import sys; sys.path[:0] = {sys.path!r}\n{code}", tmp_path, str(tmp_path / "inner")
    )
    assert "seccomp" in said


def test_walls_that_cannot_be_put_up_are_no_missing_permission(tmp_path: Path) -> None:
    (tmp_path / "enclosure").touch()
    with (
        pytest.raises(EnvironmentNotAbleError, match="could not be put up"),
        walled(["true"], tmp_path),
    ):
        pass


def test_attempts_are_told_by_the_real_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The loader and its gate have the run's environment, and with it the run's clock.
    monkeypatch.setenv("MAGE_HARNESS_CLOCK", str(-(10**9)))
    began = time.time()
    with walled(["bash", "-c", "echo x > /dev/tcp/198.51.100.1/80"], tmp_path) as run:
        run.ended()
        run.end()
        (event,) = map(json.loads, run.events.read_text().splitlines())
    assert event["at"] - 10**9 >= began
