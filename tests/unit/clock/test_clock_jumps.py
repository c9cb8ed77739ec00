"""Jumps of the clock: how far, where they can be declared, and what the next process is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from types import SimpleNamespace

import pytest

from harness.clock.preload import OFFSET_VARIABLE
from harness.errors import InputError
from harness.faults.declared import Faults
from harness.running.jumps import Jump, carried, seconds_of
from harness.tap import JUMPS_VARIABLE, SITE

# What the tap does with the time of files, without the library that gives another time.
ASK = """
import json, os, sys, time
from mage_harness_tap import clock
clock.watch_files()
old, new, copied = (os.path.join(sys.argv[1], name) for name in ("old", "new", "copied"))
clock._jumped_at.append(os.stat(old).st_mtime + 5)
clock._offsets.append(int(sys.argv[2]))
clock.OFFSET = int(sys.argv[2])
for name in (old, new):
    told = os.stat(name)
    os.utime(copied, (told.st_atime, told.st_mtime))
    print(json.dumps([told.st_mtime, os.stat(copied).st_mtime]))
"""


@pytest.mark.parametrize(
    ("by", "seconds"), [("+1h", 3_600), ("-30m", -1_800), ("+2d", 172_800), ("-5s", -5)]
)
def test_a_jump_is_a_sign_a_number_and_a_unit(by, seconds):
    assert seconds_of(by) == seconds


@pytest.mark.parametrize("by", ["1h", "+h", "+0s", "+1", "+1w", "+1h ", "+9999999d", "+٣h", ""])
def test_anything_else_is_no_jump(by):
    with pytest.raises(InputError, match="a clock cannot jump by"):
        seconds_of(by)


def faults(**settings):
    blocks = [SimpleNamespace(uuid="loads")]
    return Faults(
        SimpleNamespace(
            settings=SimpleNamespace(**settings),
            stack=SimpleNamespace(gates={}),
            project=SimpleNamespace(pipelines=[SimpleNamespace(all_blocks=blocks)]),
        )
    )


def test_where_no_clock_can_jump():
    with pytest.raises(InputError, match="faults of clock cannot be declared here"):
        faults(provider="docker").clock("+1h", "loads")
    with pytest.raises(InputError, match="has a block lods"):
        faults(provider="embedded").clock("+1h", "lods")
    for declare in (
        lambda: faults(provider="embedded").clock("+1h", "loads", nth=0),
        lambda: faults(provider="embedded").killed("loads", nth=0),
    ):
        with pytest.raises(InputError, match="no event number 0"):
            declare()


def test_the_next_process_has_the_time_after_the_jumps_that_came():
    jumps = [
        Jump(what="+1h", seconds=3_600, block="a", event="block_start", nth=1),
        Jump(what="+1h", seconds=3_600, block="b", event="block_start", nth=1),
    ]
    env = {OFFSET_VARIABLE: "-5", JUMPS_VARIABLE: json.dumps([asdict(one) for one in jumps])}
    came = [
        {"event": "block_start", "block": "a"},
        {"event": "fault", "service": "clock", "what": "+1h", "block": "a"},
    ]
    told = carried(env, came)
    assert (told["FAKETIME"], told[OFFSET_VARIABLE]) == ("+3595", "3595")
    assert json.loads(told[JUMPS_VARIABLE]) == [asdict(jumps[1])]
    assert carried({"A": "1"}, came) == {"A": "1"}


@pytest.mark.parametrize("seconds", [3_600, -3_600])
def test_a_file_older_than_a_jump_keeps_its_time_and_so_does_its_copy(tmp_path, seconds):
    for name, at in (("old", 1_000_000.0), ("new", 1_000_010.0), ("copied", 0.0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (at, at))
    done = subprocess.run(
        [sys.executable, "-c", ASK, tmp_path, str(seconds)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SITE), JUMPS_VARIABLE: "[]"},
        capture_output=True,
        check=True,
        text=True,
    )
    old, new = (json.loads(line) for line in done.stdout.splitlines())
    assert new == [1_000_010.0 + seconds] * 2
    assert old[0] == 1_000_000.0
    if seconds > 0:
        # After a jump back, the clock has shown that time twice.
        assert old[1] == old[0]
