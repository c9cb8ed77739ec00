"""Nothing is left at the engine, however a session ends, and whatever the engine does meanwhile."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from harness.containers.engine import connect
from harness.containers.sweep import found
from harness.machine import watchdog

pytestmark = pytest.mark.docker

IMAGE = "postgres:16"
POINTS = 20
# Opens a world, starts and stops containers, and closes it, until it is ended.
SESSION = f"""
import signal, sys, time
from concurrent.futures import ThreadPoolExecutor
from harness.containers.engine import connect, load
from harness.containers.spec import Spec
from harness.containers.world import World
from harness.machine.guardian import Guardian

ending = sys.argv[1]
signal.signal(signal.SIGINT, signal.default_int_handler)
# What nohup starts ignores this one.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
load()

def start(number):
    spec = Spec(name=f"box{{number}}", image="{IMAGE}", entrypoint=("sleep",), command=("600",))
    return world.start(spec, ready=lambda _box: True)

with Guardian() as guardian, connect() as engine:
    folder = guardian.make_folder(prefix="left-behind-")
    print(guardian.token, guardian._watchdog.pid, folder, flush=True)
    while True:
        with World(engine, guardian=guardian, folder=folder) as world:
            with ThreadPoolExecutor(2) as pool:
                boxes = list(pool.map(start, range(2)))
            boxes[0].execute(["sleep", "600"])
            if ending != "again":
                print("started", flush=True)
                exec(ending)
            boxes[1].stop()
"""


class Session:
    def __init__(self, ending):
        self.process = subprocess.Popen(
            [sys.executable, "-c", SESSION, ending],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.token, pid, folder = self.process.stdout.readline().split()
        self.watchdog, self.folder = int(pid), Path(folder)

    def ended(self):
        """Wait for the process and its watchdog; its status."""
        try:
            _, self.errors = self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        until = time.monotonic() + 120
        while watchdog.birth(self.watchdog) and time.monotonic() < until:
            time.sleep(0.05)
        assert not watchdog.birth(self.watchdog)
        return self.process.returncode

    def left(self, socket):
        return [one for things in found(socket, self.token).values() for one in things]


@pytest.fixture(scope="module")
def socket():
    with connect() as engine:
        yield str(engine.socket)


def test_killed_at_random_points(socket):
    points = random.Random(5)
    sessions = []
    some = 0
    for _ in range(POINTS):
        session = Session("again")
        time.sleep(points.uniform(0, 2.5))
        some += bool(session.left(socket))
        session.process.kill()
        sessions.append(session)
    # However slow the machine is, one is killed when it has something there.
    last = Session("time.sleep(600)")
    assert last.process.stdout.readline() == "started\n"
    some += bool(last.left(socket))
    last.process.kill()
    for session in (*sessions, last):
        assert session.ended() == -signal.SIGKILL
        assert session.left(socket) == []
        assert not session.folder.exists()
    assert some, "no session had anything at the engine when it was killed"


@pytest.mark.parametrize(
    ("ending", "sent", "status"),
    [
        ("time.sleep(600)", signal.SIGKILL, -signal.SIGKILL),
        ("time.sleep(600)", signal.SIGTERM, -signal.SIGTERM),
        ("time.sleep(600)", signal.SIGHUP, -signal.SIGHUP),
        ("time.sleep(600)", signal.SIGINT, -signal.SIGINT),
        ("raise SystemError('boom')", None, 1),
        ("sys.exit(3)", None, 3),
        ("import os; os._exit(4)", None, 4),
        ("import os; os.abort()", None, -signal.SIGABRT),
    ],
)
def test_every_end(socket, ending, sent, status):
    session = Session(ending)
    assert session.process.stdout.readline() == "started\n"
    assert len(session.left(socket)) == 3
    if sent is not None:
        session.process.send_signal(sent)
    assert session.ended() == status
    assert session.left(socket) == []
    assert not session.folder.exists()


def test_ctrl_c_at_random_points(socket):
    points = random.Random(7)
    sessions = []
    for _ in range(5):
        session = Session("again")
        time.sleep(points.uniform(0, 1.5))
        session.process.send_signal(signal.SIGINT)
        sessions.append(session)
    for session in sessions:
        assert session.ended() in {-signal.SIGINT, 1}, session.errors
        assert session.left(socket) == []


def test_one_dies_and_another_goes_on(socket):
    mine, other = Session("time.sleep(600)"), Session("time.sleep(600)")
    for session in (mine, other):
        assert session.process.stdout.readline() == "started\n"
    mine.process.kill()
    mine.ended()
    assert mine.left(socket) == []
    assert len(other.left(socket)) == 3
    other.process.kill()
    other.ended()
    assert other.left(socket) == []


# An engine of its own, in a network and a file system of its own: the shared one is left alone.
ENGINE = """
import json, os, subprocess, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import test_docker_left_behind as tests
from harness.containers import sweep
from harness.containers.engine import connect, load
from harness.containers.spec import Spec
from harness.containers.world import World
from harness.errors import ServiceError
from harness.machine.guardian import Guardian

root = Path(sys.argv[1])
socket = str(root / "d.sock")
os.environ["DOCKER_HOST"] = f"unix://{socket}"
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
told = {}

def start():
    log = open(root / "dockerd.log", "ab")
    process = subprocess.Popen(
        ["dockerd", "-H", f"unix://{socket}", "--data-root", root / "data", "--exec-root",
         root / "exec", "--pidfile", root / "pid"], stdout=log, stderr=log)
    for _ in range(600):
        try:
            if sweep.call(socket, "GET", "/info")[0] == 200:
                return process
        except (OSError, ValueError):
            time.sleep(0.1)
    raise SystemError("no engine")

def end(process):
    process.terminate()
    process.wait(60)

dockerd = start()
try:
    subprocess.run(["docker", "load", "-q", "-i", root / "image.tar"], check=True,
                   stdout=subprocess.DEVNULL)
    load()
    # The session lives on, and closes when the engine is back.
    with Guardian() as guardian, connect() as engine:
        folder = guardian.make_folder(prefix="restart-")
        world = World(engine, guardian=guardian, folder=folder)
        world.open()
        spec = Spec(name="box", image=tests.IMAGE, entrypoint=("sh", "-c"),
                    command=("echo hello; sleep 600",))
        box = world.start(spec, ready=lambda _box: True)
        box.follow(folder / "log")
        run = box.execute(["sleep", "600"])
        end(dockerd)
        told["away"] = []
        for look in (box.check, lambda: run.running, lambda: world.start(spec, ready=None)):
            try:
                look()
            except ServiceError as error:
                told["away"].append(error.symptom)
        dockerd = start()
        try:
            box.check()
        except ServiceError as error:
            told["back"] = error.cause
        told["log"] = (folder / "log").read_text()
        world.close()
        told["closed"] = sweep.found(socket, guardian.token)
        told["forgotten"] = ("command", world._order) not in guardian._orders
    # The session closes while the engine is away; the watchdog waits for the engine.
    with Guardian() as guardian, connect() as engine:
        world = World(engine, guardian=guardian, folder=guardian.make_folder(prefix="restart-"))
        world.open()
        world.start(spec, ready=lambda _box: True)
        end(dockerd)
        import harness.containers.world as worlds
        worlds._PATIENCE = 0.5
        world.close()
        told["kept"] = ("command", world._order) in guardian._orders
        dockerd = start()
    told["afterwards"] = sweep.found(socket, guardian.token)
    # The session is killed while the engine is away, and had crashed.
    session = tests.Session("time.sleep(600)")
    session.process.stdout.readline()
    told["held"] = len(session.left(socket))
    dockerd.kill()
    dockerd.wait()
    session.process.kill()
    time.sleep(2)
    dockerd = start()
    session.ended()
    told["killed"] = session.left(socket)
finally:
    end(dockerd)
print(json.dumps(told))
"""


@pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("dockerd") or not shutil.which("unshare"),
    reason="a second engine is started by root, where the programs of one are",
)
def test_an_engine_that_is_restarted(socket):
    # Its socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="engine-") as name:
        root = Path(name)
        subprocess.run(["docker", "save", "-o", root / "image.tar", IMAGE], check=True)
        script = root / "script.py"
        script.write_text(ENGINE)
        command = ["unshare", "-n", "-m", sys.executable, script, root, Path(__file__).parent]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        log = root / "dockerd.log"
        assert done.returncode == 0, done.stderr + (log.read_text()[-3000:] if log.exists() else "")
    nothing = {"containers": [], "networks": [], "volumes": []}
    told = json.loads(done.stdout.splitlines()[-1])
    assert len(told["away"]) == 3
    assert all("does not answer any more" in symptom for symptom in told["away"])
    assert "status" in told["back"]
    assert told["log"] == "hello\n"
    assert told["closed"] == nothing
    assert told["forgotten"]
    assert told["kept"]
    assert told["afterwards"] == nothing
    assert told["held"] == 3
    assert told["killed"] == []
