"""``--keep``: after a failure the services are there until somebody has looked."""

from __future__ import annotations

import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from harness.cli.main import run_command

PROJECTS = Path(__file__).parents[2] / "projects"
COMMAND = Path(sys.executable).parent / "mage-harness"
PATIENCE = 240


@pytest.fixture
def place(tmp_path):
    shutil.copytree(PROJECTS / "returns_none", tmp_path / "shop")
    (tmp_path / "pyproject.toml").write_text("[tool.mage-harness]\nproject = 'shop'\n", "utf-8")
    return tmp_path


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, process: subprocess.Popen[bytes], end: int) -> None:
        self.process = process
        self._end = end
        self.said = ""

    def until(self, text: str) -> None:
        last = time.monotonic() + PATIENCE
        while text not in self.said:
            if not self._read(last - time.monotonic()):
                pytest.fail(f"never said {text!r}, but:\n{self.said}")

    def _read(self, seconds: float) -> bool:
        if not select.select([self._end], [], [], max(seconds, 0))[0]:
            return False
        try:
            found = os.read(self._end, 65536)
        except OSError:
            return False
        self.said += found.decode("utf-8", "replace")
        return bool(found)

    def enter(self) -> int:
        os.write(self._end, b"\n")
        while self._read(PATIENCE):
            pass
        return self.process.wait(PATIENCE)

    def word(self, name: str) -> list[str]:
        lines = [line.strip() for line in self.said.splitlines()]
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        return shlex.split(line.removeprefix(name))


@contextmanager
def terminal(command, place):
    end, other = pty.openpty()
    process = subprocess.Popen(
        command,
        cwd=place,
        env={**os.environ, "COLUMNS": "300", "LINES": "50", "TERM": "dumb"},
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
    )
    os.close(other)
    try:
        yield Terminal(process, end)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        os.close(end)


def asked(url, query):
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


@pytest.mark.slow
def test_a_failed_run_leaves_its_services_until_enter(place):
    with terminal([COMMAND, "run", "--keep"], place) as told:
        told.until("Ctrl-C ends everything")
        assert "FAILED" in told.said
        assert asked(told.word("PostgreSQL")[-1], "SELECT 1") == [(1,)]
        runs = Path(told.word("runs")[0])
        assert list(runs.glob("*/project/shop/metadata.yaml"))
        assert told.enter() == 1
    assert not runs.parent.exists()


@pytest.mark.slow
def test_a_failed_test_leaves_its_services_until_enter(place):
    (place / "test_it.py").write_text(
        """
def test_one(postgres):
    postgres.execute("CREATE TABLE t AS SELECT 41 AS n")
    assert False, "look at it"

def test_two(postgres):
    assert list(postgres.inventory()) == []

def test_without_services():
    assert False
""",
        "utf-8",
    )
    command = [sys.executable, "-m", "pytest", "--keep", "-p", "no:cacheprovider", "-q"]
    with terminal(command, place) as told:
        told.until("Ctrl-C ends everything")
        assert "look at it" in told.said
        assert asked(told.word("PostgreSQL")[-1], "SELECT n FROM t") == [(41,)]
        assert told.enter() == 1
        assert told.said.count("Ctrl-C ends everything") == 1
        assert "2 failed, 1 passed" in told.said


def test_nobody_is_waited_for_where_there_is_no_terminal(place, monkeypatch, capsys, pytester):
    monkeypatch.chdir(place)

    assert run_command(["run", "--keep"]) == 2
    assert "--keep needs a terminal" in capsys.readouterr().err
    alone = pytester.runpytest_subprocess("--keep")
    assert alone.ret == pytest.ExitCode.USAGE_ERROR
    beside = pytester.runpytest_subprocess("--keep", "-n", "2")
    assert beside.ret == pytest.ExitCode.USAGE_ERROR
    beside.stderr.fnmatch_lines(["*not with -n*"])
