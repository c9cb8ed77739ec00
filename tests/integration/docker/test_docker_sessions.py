"""However a session with containers ends, and whenever: nothing of it is left behind."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import docker
import psutil
import pytest

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[3]
PROJECTS = ROOT / "tests" / "projects"
COMMAND = str(Path(sys.executable).parent / "mage-harness")
BOUND = 120.0
PROCESS = "mage-harness.process"
TESTS = """
    import pytest

    @pytest.mark.parametrize("number", range(4))
    def test_a_pipeline(number, mage, gcs, postgres):
        postgres.execute("CREATE TABLE t (a int)")
        assert mage.run("success").ok
"""


@pytest.fixture(scope="module")
def engine():
    with contextlib.closing(docker.from_env()) as client:
        yield client


@pytest.fixture
def tmp(tmp_path: Path) -> Path:
    folder = tmp_path / "t"
    folder.mkdir()
    return folder


@dataclass(eq=False)
class Watched:
    """A command of ours, and all that was ever seen below it."""

    process: subprocess.Popen[str]
    tmp: Path
    family: set[psutil.Process] = field(default_factory=set)

    @property
    def pids(self) -> set[str]:
        return {str(self.process.pid), *(str(one.pid) for one in self.family)}

    def look(self) -> None:
        """Note the processes that there are now; the watchdogs lose their parent later."""
        with contextlib.suppress(psutil.Error):
            self.family.update(psutil.Process(self.process.pid).children(recursive=True))

    def watch(self, until) -> bool:
        """Look until something holds; False where the command has ended before."""
        bound = time.monotonic() + BOUND
        while not until():
            assert time.monotonic() < bound
            self.look()
            if self.process.poll() is not None:
                return False
            time.sleep(0.02)
        self.look()
        return True

    def finish(self) -> tuple[int, str]:
        try:
            out, _ = self.process.communicate(timeout=BOUND)
        finally:
            self.process.kill()
        return self.process.returncode, out

    def left(self, engine) -> list[str]:
        """What there still is of it: processes, things at the engine, files."""
        things = [
            *engine.containers.list(all=True, filters={"label": PROCESS}, ignore_removed=True),
            *engine.networks.list(filters={"label": PROCESS}),
        ]
        found = [one.name for one in things if self._is_ours(one)]
        for one in self.family:
            with contextlib.suppress(psutil.Error):
                if one.is_running() and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(" ".join(one.cmdline()))
        return [*found, *(str(path) for path in self.tmp.glob("mage-harness-*"))]

    def _is_ours(self, thing) -> bool:
        labels = thing.attrs.get("Labels") or thing.attrs.get("Config", {}).get("Labels") or {}
        return labels.get(PROCESS, "  ").split(" ")[1] in self.pids


def started(*command: str, tmp: Path, cwd: Path = ROOT) -> Watched:
    process = subprocess.Popen(
        list(command),
        cwd=cwd,
        env={**os.environ, "TMPDIR": str(tmp)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Watched(process, tmp)


def harness(project: str, *arguments: str, tmp: Path) -> Watched:
    folder = str(PROJECTS / project)
    words = ("run", "--provider", "docker", "--project", folder, *arguments)
    return started(COMMAND, *words, tmp=tmp)


def require_nothing_left(engine, *sessions: Watched) -> None:
    until = time.monotonic() + BOUND
    while (left := [one for each in sessions for one in each.left(engine)]) and (
        time.monotonic() < until
    ):
        time.sleep(0.2)
    assert left == []


def in_a_run(session: Watched):
    return lambda: any(session.tmp.glob("**/events.jsonl"))


@pytest.mark.parametrize(("project", "status"), [("success", 0), ("failing_test", 1)])
def test_nothing_is_left_after_the_end(project, status, tmp, engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    session = harness(project, "--port", f"postgres={port}", tmp=tmp)
    session.watch(lambda: False)

    found, said = session.finish()
    assert found == status, said
    assert session.left(engine) == [], "no watchdog has to clear up after a normal end"
    socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_it_is_ended_in_a_run(number, tmp, engine) -> None:
    session = harness("hang_sensor", tmp=tmp)
    assert session.watch(in_a_run(session))
    assert session.left(engine)
    session.process.send_signal(number)

    status, said = session.finish()
    assert status == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[number], said
    assert "Traceback" not in said
    require_nothing_left(engine, session)


@pytest.mark.slow
def test_nothing_is_left_after_many_kills_at_any_time(tmp, engine) -> None:
    begun = time.monotonic()
    session = harness("success", tmp=tmp)
    session.watch(lambda: False)
    assert session.finish()[0] == 0
    whole = time.monotonic() - begun
    chance = random.Random(11)
    points = [chance.uniform(0, whole) for _ in range(20)]
    after = ", ".join(f"{point:.2f}" for point in points)
    sys.stdout.write(f"killed after {after} seconds\n")

    sessions = []
    for number, point in enumerate(points):
        folder = tmp / str(number)
        folder.mkdir()
        session = harness("success", tmp=folder)
        sessions.append(session)
        at = time.monotonic() + point
        session.watch(lambda at=at: time.monotonic() >= at)
        session.process.kill()
        session.finish()
    assert len(sessions) == 20
    require_nothing_left(engine, *sessions)


def test_of_two_side_by_side_the_one_that_is_not_killed_ends_well(tmp, engine) -> None:
    folders = [tmp / "killed", tmp / "other"]
    for folder in folders:
        folder.mkdir()
    killed = harness("hang_sensor", tmp=folders[0])
    assert killed.watch(in_a_run(killed))
    other = harness("success", tmp=folders[1])
    assert other.watch(lambda: any(folders[1].glob("mage-harness-*")))
    killed.process.kill()
    killed.finish()

    status, said = other.finish()
    assert status == 0, said
    assert other.left(engine) == []
    require_nothing_left(engine, killed)


@pytest.fixture
def author(tmp_path: Path) -> Path:
    folder = tmp_path / "author"
    shutil.copytree(PROJECTS / "success", folder / "success")
    (folder / "pyproject.toml").write_text("[tool.mage-harness]\nproject = 'success'\n")
    lines = [line.removeprefix("    ") for line in TESTS.splitlines()]
    (folder / "test_it.py").write_text("\n".join(lines))
    return folder


def suite(author: Path, *, tmp: Path) -> Watched:
    words = ("-p", "no:cacheprovider", "-n", "2", "--provider", "docker")
    return started(sys.executable, "-m", "pytest", *words, tmp=tmp, cwd=author)


def runs(session: Watched) -> list[Path]:
    return list(session.tmp.glob("**/runs/*/*/events.jsonl"))


def workers(session: Watched) -> list[psutil.Process]:
    found = []
    for one in psutil.Process(session.process.pid).children():
        with contextlib.suppress(psutil.Error):
            if "exec(eval(" in " ".join(one.cmdline()):
                found.append(one)
    return found


@pytest.mark.parametrize("stage", ["workers", "folder", "run"])
def test_nothing_is_left_when_the_controller_is_killed(stage, author, tmp, engine) -> None:
    session = suite(author, tmp=tmp)
    reached = {
        "workers": lambda: len(workers(session)) == 2,
        "folder": lambda: any(tmp.glob("mage-harness-*")),
        "run": lambda: runs(session),
    }[stage]
    assert session.watch(reached), session.finish()
    session.process.kill()
    session.finish()
    require_nothing_left(engine, session)


def test_nothing_is_left_of_a_worker_that_is_killed_and_the_others_go_on(
    author, tmp, engine
) -> None:
    session = suite(author, tmp=tmp)
    assert session.watch(lambda: runs(session)), session.finish()
    workers(session)[0].kill()
    session.watch(lambda: False)

    status, said = session.finish()
    assert status == 1
    assert "1 failed, 3 passed" in said, said
    assert "crashed" in said
    require_nothing_left(engine, session)
