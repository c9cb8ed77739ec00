"""Runs that are forked of a server, with a stand-in for the mage command."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from harness.running.asked import Asked
from harness.tap import SITE, WARM
from tests.patience import patiently
from tests.processes import end_soon
from tests.unit.warm.warm_bench import opened, own_servers
from tests.walls import needs_namespace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm runs are Linux's only")


@pytest.fixture(scope="module", params=[pytest.param("namespace", marks=needs_namespace), "guard"])
def bench(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("warm")
    with own_servers(folder.name), opened(folder, network=request.param) as bench:
        yield bench


@pytest.fixture(autouse=True)
def _told_of_nothing(bench):
    bench.notes.clear()


def test_output_errors_and_status_are_those_of_a_run_of_its_own(bench) -> None:
    result = bench.run(
        "import atexit, os, sys\n"
        "atexit.register(print, 'last')\n"
        "print(__name__, len(sys.argv), os.path.basename(sys.path[0]), os.getcwd() == sys.argv[2])\n"
        "print('err', file=sys.stderr); sys.exit(7)"
    )
    assert (result.exit_status, result.timed_out, bench.notes) == (7, False, [])
    assert result.stdout.read_text() == "__main__ 5 bin True\nlast\n"
    assert result.stderr.read_text() == "err\n"


def test_a_traceback_begins_in_the_script(bench) -> None:
    result = bench.run("def fail():\n    raise ValueError('no')\nfail()")
    lines = result.stderr.read_text().splitlines()
    assert (result.exit_status, bench.notes) == (1, [])
    assert lines[0].startswith("Traceback")
    assert lines[1] == f'  File "{bench.script}", line 3, in <module>'
    assert lines[-1] == "ValueError: no"


def test_nothing_of_a_run_is_there_in_the_next(bench) -> None:
    code = (
        "import os, sys\n"
        "print('here' in os.environ, hasattr(sys, 'here'), len(os.listdir('/proc/self/fd')))\n"
        "sys.here = os.environ['here'] = 'yes'"
    )
    first, second = (bench.run(code).stdout.read_text() for _ in range(2))
    assert first == second
    assert first.startswith("False False ")


def test_the_status_tells_of_a_signal(bench) -> None:
    result = bench.run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert (result.exit_status, bench.notes) == (-signal.SIGKILL, [])


def test_a_run_that_hangs_is_ended_with_its_group(bench) -> None:
    code = (
        "import subprocess, sys, time\n"
        "print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    )
    result = patiently(
        lambda deadline: bench.run(code, deadline=deadline),
        until=lambda result: result.stdout.read_text().endswith("\n"),
    )
    assert (result.timed_out, result.exit_status, bench.notes) == (True, -signal.SIGTERM, [])
    assert end_soon([int(result.stdout.read_text())])


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"env": {"PYTHONHASHSEED": "1"}}, "PYTHONHASHSEED"),
        ({"env": {"LD_PRELOAD": ""}}, "LD_PRELOAD"),
        ({"asked": Asked(coverage=True)}, "coverage"),
    ],
)
def test_what_would_differ_is_cold_and_says_why(bench, options, why: str) -> None:
    result = bench.run("print('ran')", **options)
    assert (result.exit_status, result.stdout.read_text()) == (0, "ran\n")
    (note,) = bench.notes
    assert why in note


def test_another_server_is_started_where_one_is_gone(bench) -> None:
    os.kill(bench.server.told(within=60.0)["pid"], signal.SIGKILL)
    assert bench.run("print(1)").exit_status == 0
    assert "the server is gone" in bench.notes.pop()
    assert (bench.run("print(1)").exit_status, bench.notes) == (0, [])


def test_what_the_tap_watches_is_not_loaded_before_it(monkeypatch) -> None:
    monkeypatch.syspath_prepend(WARM)
    from mage_harness_warm.scout import IN_PLACE, left, within

    kept_out = left([str(file) for file in SITE.rglob("*.py")])
    watched = (
        "psycopg2",
        "psycopg.connection",
        "mariadb",
        "pyarrow.fs",
        "google.cloud.storage.client",
    )
    assert all(within(name, kept_out) for name in (*watched, "mage_ai.cli.utils"))
    assert not any(within(name, kept_out) for name in (*IN_PLACE, "pandas"))
