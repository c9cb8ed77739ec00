"""A run on this machine has the time that it was given, or there is no run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.clock.clock import offset_to
from harness.enclosure.plan import Enclosure
from harness.errors import EnvironmentNotAbleError
from harness.machine.guardian import Guardian
from harness.moment import moment
from harness.running.local import LocalRunner
from harness.running.walls import Walls

OFFSET = offset_to(moment("2021-02-01T05:00Z"))
ENV = {"PATH": os.environ["PATH"]}


@pytest.fixture
def runner(monkeypatch):
    walls = Walls("guard", enclosure=Enclosure, progress=print)
    monkeypatch.setattr(
        LocalRunner, "mage", property(lambda _: SimpleNamespace(python=Path(sys.executable)))
    )
    with Guardian() as guardian:
        yield LocalRunner(None, None, guardian=lambda: guardian, walls=walls, progress=print)


@pytest.mark.parametrize("runs_before", [0, 1])
def test_each_run_is_tried_out_also_after_one_that_failed(
    runner, tmp_path, monkeypatch, runs_before
):
    for _ in range(runs_before):
        runner.timed(ENV, offset=OFFSET, folder=tmp_path)
    (tmp_path / "none.so").write_text("none")
    monkeypatch.setattr("harness.running.local.library_in", lambda _: tmp_path / "none.so")

    for _ in range(2):
        with pytest.raises(EnvironmentNotAbleError, match="does not take the time"):
            runner.timed(ENV, offset=OFFSET, folder=tmp_path)


def test_after_one_that_failed_another_may_work(runner, tmp_path):
    with pytest.raises(EnvironmentNotAbleError, match="does not take the time"):
        runner.timed({**ENV, "LD_PRELOAD": "/none.so"}, offset=OFFSET, folder=tmp_path)

    timed = runner.timed(ENV, offset=OFFSET, folder=tmp_path)
    assert timed["FAKETIME"] == str(OFFSET)
