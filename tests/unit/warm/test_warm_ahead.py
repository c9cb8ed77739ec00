"""Runs that had begun before they were asked for, with a stand-in for the mage command."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness.running.cold import command_of, environment_of, run_cold
from harness.running.runner import RunRequest
from tests.processes import end_soon
from tests.unit.warm.warm_bench import ENV, opened, own_servers, wait_until
from tests.walls import needs_namespace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm runs are Linux's only")
MAIN = """import os, sys
def run(project_path):
    '''Run.'''
    from mage_ai.settings.repo import set_repo_path
    project_path = os.path.abspath(project_path)
    set_repo_path(project_path)
    from mage_ai.read import FOUND, EXTRA
    print(FOUND, EXTRA, os.environ['MAGE_HARNESS_RAN'], sys.argv[3:], sys.path.count('/above'))
"""
REPO = """import os, sys
path = None
def set_repo_path(given):
    global path
    path = given
    sys.path.append(os.path.dirname(given))
"""
READ = """import os
from mage_ai.settings import repo
FOUND = open(os.path.join(repo.path, 'metadata.yaml')).read()
open(os.path.join(os.environ['MAGE_DATA_DIR'], 'made'), 'x').close()
try:
    import extra as EXTRA
except ImportError:
    EXTRA = None
"""
SCRIPT = "import sys\nfrom mage_ai.cli.main import run\nrun(sys.argv[2])\n"


@pytest.fixture(scope="module", params=[pytest.param("namespace", marks=needs_namespace), "guard"])
def bench(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ahead")
    package = folder / "bin" / "mage_ai"
    files = {"cli/main.py": MAIN, "settings/repo.py": REPO, "read.py": READ}
    for name, text in files.items():
        file = package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text(text)
    (folder / "bin" / "stand_in").write_text(SCRIPT)
    with own_servers(folder.name), opened(folder, network=request.param) as bench:
        yield bench
        bench.runner.forget()


@pytest.fixture
def request_of(bench, tmp_path):
    """A request for a run in new folders, and it has begun."""
    places = {name: tmp_path / "run" / name for name in ("data", "logs", "project")}
    for place in places.values():
        place.mkdir(parents=True)
    (places["project"] / "metadata.yaml").write_text("mine")
    request = RunRequest(
        mage=(sys.executable, str(bench.script)),
        project=places["project"],
        pipeline="p",
        folder=places["logs"],
        env={**ENV, "MAGE_DATA_DIR": str(places["data"]), "MAGE_HARNESS_RAN": "before"},
        deadline=30.0,
    )
    # What goes wrong here on purpose does not keep the next from beginning.
    bench.runner.ahead.missed = 0
    bench.runner.expect(command_of(request), request=request, env=environment_of(request))
    wait_until((places["data"] / "made").exists)
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
