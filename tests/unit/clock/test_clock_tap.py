"""The tap's part of the clock: files have its time, and blocks are told the date."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from harness.clock.preload import OFFSET_VARIABLE
from harness.tap import EXECUTION_DATE_VARIABLE, SITE

OFFSET = -(10**8)
ASK = """
import json, os, pathlib, shutil, sys, types
from mage_harness_tap import clock
clock.watch_files()
path = pathlib.Path(sys.argv[1]) / "file"
path.write_text("x")
(path.parent / "other").write_text("y")
shutil.copystat(path, path.parent / "other")
os.utime(path.parent / "set", (5.0 + clock.OFFSET, 5.0 + clock.OFFSET))
with open(path) as file:
    seen = [os.stat(path), os.lstat(path), os.fstat(file.fileno()), path.stat(),
            os.stat(path.name, dir_fd=os.open(path.parent, os.O_RDONLY)), os.stat(path.parent / "other")]
told = {
    "mtime": [one.st_mtime for one in seen],
    "ns": [one.st_mtime_ns / 1e9 for one in seen],
    "item": [one[8] for one in seen],
    "sizes": [one.st_size for one in seen],
    "getmtime": os.path.getmtime(path),
}
shutil.rmtree(path.parent / "folder")
module = types.SimpleNamespace(get_global_variables=lambda uuid: {"ds": "own", "uuid": uuid})
clock.watch_variables(module)
print(json.dumps(told))
print(json.dumps(module.get_global_variables("p"), default=str))
"""


def asked(tmp_path, **env):
    (tmp_path / "folder" / "below").mkdir(parents=True)
    (tmp_path / "set").touch()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ASK, tmp_path],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SITE), **env},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("offset", [OFFSET, 0])
def test_whatever_tells_the_time_of_a_file_tells_the_clocks(tmp_path, offset):
    env = {OFFSET_VARIABLE: str(offset)} if offset else {}

    told, _ = asked(tmp_path, **env)

    for seconds in (*told["mtime"], *told["ns"], *told["item"], told["getmtime"]):
        assert abs(seconds - time.time() - offset) < 60
    assert told["sizes"] == [1] * 6
    # What is set by the clock's time is kept by the real one: a copy's is the file's own.
    assert (tmp_path / "other").stat().st_mtime == pytest.approx(
        (tmp_path / "file").stat().st_mtime
    )
    assert (tmp_path / "set").stat().st_mtime == 5.0
    assert not (tmp_path / "folder").exists()


def test_blocks_are_told_the_date_but_for_what_the_pipeline_says_itself(tmp_path):
    date = {EXECUTION_DATE_VARIABLE: "2021-02-01T05:00:00.000000+0000"}

    _, told = asked(tmp_path, **date)

    assert told == {
        "execution_date": "2021-02-01 05:00:00+00:00",
        "ds": "own",
        "hr": "05",
        "uuid": "p",
    }


def test_without_another_time_blocks_are_told_nothing(tmp_path):
    assert asked(tmp_path)[1] == {"ds": "own", "uuid": "p"}
