"""The library that is preloaded: found, tried out, and refused in words where it does not work."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.clock import preload
from harness.clock.clock import offset_to
from harness.clock.sharing import shared
from harness.errors import EnvironmentNotAbleError
from harness.machine.guardian import Guardian

OFFSET = offset_to(datetime(2021, 2, 1, 5, tzinfo=UTC))
PATH = {"PATH": os.environ["PATH"]}


@pytest.fixture
def timed():
    with Guardian() as guardian:
        more = preload.variables(OFFSET, file=preload.library()) | shared(guardian)
        yield preload.added(PATH, more)


def test_processes_and_what_they_start_have_the_time(timed):
    told = subprocess.check_output(["sh", "-c", "date -u +%s; sh -c 'date -u +%s'"], env=timed)
    for seconds in told.split():
        assert abs(int(seconds) - time.time() - OFFSET) < 60


def test_python_takes_it(timed):
    preload.check([sys.executable], timed, offset=OFFSET)


def test_an_interpreter_with_the_real_time_is_refused():
    with pytest.raises(EnvironmentNotAbleError, match="keeps the real time"):
        preload.check([sys.executable], PATH, offset=OFFSET)


@pytest.mark.parametrize(
    "python", [["/nowhere/python"], ["false"], ["sh", "-c", "echo none", "x"]], ids=str
)
def test_one_that_does_not_start_is_refused(python, timed):
    with pytest.raises(EnvironmentNotAbleError, match="does not start with the library"):
        preload.check(python, timed, offset=OFFSET)


def test_a_library_that_cannot_be_loaded_is_refused(tmp_path):
    (tmp_path / "none.so").write_text("none")
    env = preload.added(PATH, preload.variables(OFFSET, file=tmp_path / "none.so"))
    with pytest.raises(EnvironmentNotAbleError, match="keeps the real time"):
        preload.check([sys.executable], env, offset=OFFSET)


@pytest.mark.parametrize(
    ("found", "cause"), [(None, "is not installed"), ("a wheel", "no library for darwin")]
)
def test_where_there_is_none_the_error_says_so(monkeypatch, found, cause):
    monkeypatch.setattr(sys, "platform", "darwin")
    if found is None:
        monkeypatch.setattr(preload.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(EnvironmentNotAbleError, match=cause):
        preload.library()


def test_what_the_project_preloads_stays():
    more = preload.added({"LD_PRELOAD": "own.so"}, {"LD_PRELOAD": "clock.so", "FAKETIME": "-1"})
    assert more == {"LD_PRELOAD": "clock.so:own.so", "FAKETIME": "-1"}


def test_processes_that_are_killed_leave_nothing_in_memory():
    before = set(Path("/dev/shm").iterdir())
    with Guardian() as guardian:
        env = preload.variables(OFFSET, file=preload.library()) | shared(guardian)
        code = "import subprocess; subprocess.run(['cat'])"
        process = subprocess.Popen([sys.executable, "-c", code], env=env, stdin=subprocess.PIPE)
        process.kill()
        process.communicate()
    made = set(Path("/dev/shm").iterdir()) - before
    assert [one for one in made if "faketime" in one.name or "clock" in one.name] == []


def test_a_copy_is_made_once_and_others_can_read_it(tmp_path):
    first = preload.library_in(tmp_path)
    assert first.stat().st_mode & 0o777 == 0o644
    assert preload.library_in(tmp_path) == first
