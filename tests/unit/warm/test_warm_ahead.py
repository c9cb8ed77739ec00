"""Runs that had begun before they were asked for, with a stand-in for the mage command."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from harness.running.cold import command_of, environment_of, run_cold
from tests.processes import end_soon
from tests.unit.warm.stand_in import READ, begin, make_stand_in, request_in
from tests.unit.warm.warm_bench import opened, own_servers, wait_until
from tests.walls import needs_namespace

if TYPE_CHECKING:
    from harness.running.runner import RunRequest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm runs are Linux's only")


@pytest.fixture(scope="module", params=[pytest.param("namespace", marks=needs_namespace), "guard"])
def bench(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ahead")
    make_stand_in(folder)
    with own_servers(folder.name), opened(folder, network=request.param) as bench:
        yield bench
        bench.runner.forget()


@pytest.fixture
def request_of(bench, tmp_path):
    """A request for a run in new folders, and it has begun."""
    request = request_in(bench, tmp_path / "run")
    begin(bench, request)
    wait_until((tmp_path / "run" / "data" / "made").exists)
    return request


def output_of(bench, request: RunRequest, **changed: str) -> str:
    """What a run prints that is asked for with other variables than it had begun with."""
    asked = replace(request, pipeline="q", env={**request.env, **changed})
    result = run_cold(asked, runner=bench.runner)
    assert result.stderr.read_text() == ""
    assert result.exit_status == 0
    return result.stdout.read_text()


def test_a_run_goes_on_that_had_begun(bench, request_of) -> None:
    before = bench.runner.ahead.taken
    assert output_of(bench, request_of, MAGE_HARNESS_RAN="now") == (
        "mine None now ['q', '--test'] 0\n"
    )
    assert bench.runner.ahead.taken == before + 1


def test_a_variable_that_differs_has_it_begin_anew(bench, request_of) -> None:
    before = bench.runner.ahead.taken
    assert output_of(bench, request_of, OTHER="1").startswith("mine None before")
    assert bench.runner.ahead.taken == before


def test_so_has_a_file_that_was_read(bench, request_of) -> None:
    (request_of.project / "metadata.yaml").write_text("other")
    assert output_of(bench, request_of).startswith("other None")


def test_so_has_a_module_that_was_sought(bench, request_of) -> None:
    (request_of.project.parent / "extra.py").touch()
    assert "module 'extra'" in output_of(bench, request_of)


def test_so_has_code_that_was_imported(bench, request_of) -> None:
    file = bench.script.parent / "mage_ai" / "read.py"
    file.write_text(READ + "FOUND += ' changed'\n")
    try:
        assert output_of(bench, request_of).startswith("mine changed")
    finally:
        file.write_text(READ)


def test_after_misses_nothing_begins(bench, request_of) -> None:
    bench.runner.forget()
    bench.runner.ahead.missed = bench.runner.ahead.taken + 2
    bench.runner.expect(command_of(request_of), request=request_of, env=environment_of(request_of))
    assert bench.runner.ahead.drop() is None


def test_one_that_nobody_asks_for_leaves_nothing(bench, request_of) -> None:
    (pid,) = {
        child.pid
        for process in psutil.process_iter(["cmdline"])
        if process.pid == bench.server.told(within=0.0)["pid"]
        for child in process.children()
    }
    bench.runner.forget()
    assert end_soon([pid])
    assert list(request_of.folder.iterdir()) == []
    assert list(Path(request_of.env["MAGE_DATA_DIR"]).iterdir()) == []
