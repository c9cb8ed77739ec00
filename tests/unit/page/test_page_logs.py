from __future__ import annotations

from dataclasses import replace

import pytest

from harness.page import limits
from harness.page.clean import Cleaner
from harness.page.logs import block_log, whole_log
from tests.page_samples import project_of, run_of

CLEAN = Cleaner(["s3cr3t-Zq81kd"])
STDOUT = b"start\nof a\ntest of a\nof b s3cr3t-Zq81kd\nlast\n"


def told(kind, block, printed):
    return {"event": kind, "block": block, "at": 0.0, "pid": 1, "printed": [printed, 0]}


@pytest.fixture
def process(tmp_path):
    project = project_of(tmp_path / "shop", {"a": [], "b": ["a"]})
    events = [
        {"event": "process", "at": 0.0, "pid": 1},
        told("block_start", "a", 6),
        told("block_end", "a", 11),
        told("test", "a", 21),
        told("block_start", "b", 21),
        told("block_error", "b", 40),
    ]
    return run_of(tmp_path, project, stdout=STDOUT, events=events).process


def test_each_block_has_what_was_printed_while_it_ran_and_what_mage_says_of_its_end(process):
    assert block_log(process, "a", stream=0, clean=CLEAN) == "of a\ntest of a"
    assert block_log(process, "b", stream=0, clean=CLEAN) == "of b scrubbed\nlast"
    assert block_log(process, "b", stream=1, clean=CLEAN) == ""
    assert block_log(process, "other", stream=0, clean=CLEAN) == ""


def test_of_several_processes_each_has_its_own_file(process):
    of_a = replace(process, events=process.events[:4])
    several = replace(process, steps=(of_a, replace(process, events=process.events[4:])))

    assert block_log(several, "b", stream=0, clean=CLEAN) == "of b scrubbed\nlast"


def test_events_that_say_nothing_of_it_give_no_log(process):
    silent = [{"event": "block_start", "block": "a", "at": 0.0, "pid": 1}]
    assert block_log(replace(process, events=silent), "a", stream=0, clean=CLEAN) == ""


def test_a_secret_across_the_end_of_the_beginning_leaves_nothing(tmp_path):
    file = tmp_path / "log"
    for before in range(limits.LOG_HEAD - 13, limits.LOG_HEAD, 3):
        file.write_bytes(b"x" * before + b"s3cr3t-Zq81kd" + b"y" * 100_000)
        assert "s3cr" not in whole_log(file, clean=CLEAN)


def test_a_long_log_has_its_beginning_and_its_end(tmp_path):
    file = tmp_path / "log"
    file.write_bytes(b"first\n" + b"x" * 10_000_000 + b"\nlast\xff")
    shown = whole_log(file, clean=CLEAN)

    assert shown.startswith("first\n")
    assert shown.endswith("\nlast\ufffd")
    assert "10,000,012 bytes the middle is left out" in shown
    assert len(shown) < limits.LOG_HEAD + limits.LOG_TAIL + 100
