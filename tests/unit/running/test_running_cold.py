"""The process of a run, with a stand-in for the mage command."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from harness.enclosure.plan import Enclosure
from harness.errors import EnvironmentNotAbleError
from harness.machine.guardian import Guardian
from harness.running.asked import Asked
from harness.running.cold import command_of, run_cold
from harness.running.local import LocalRunner
from harness.running.runner import RunRequest
from harness.running.walls import Walls
from harness.tap import SITE
from tests.patience import patiently
from tests.processes import end_soon
from tests.walls import needs_namespace


@pytest.fixture(params=[pytest.param("namespace", marks=needs_namespace), "guard"])
def runner(request):
    walls = Walls(request.param, enclosure=Enclosure, progress=print)
    with Guardian() as guardian:
        # The command is given by each test, so that it needs no settings and no project.
        yield LocalRunner(None, None, guardian=lambda: guardian, walls=walls, progress=print)


def request(folder: Path, code: str, **options) -> RunRequest:
    script = folder / "stand_in.py"
    script.write_text(code)
    return RunRequest(
        mage=(sys.executable, str(script)),
        project=folder,
        pipeline="p",
        folder=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SITE)},
        **{"deadline": 30.0, **options},
    )


def test_the_command_line_is_mages_own(tmp_path: Path) -> None:
    wanted = request(
        tmp_path,
        "",
        asked=Asked(variables={"year": 2021}, block="load", arguments=("--skip-sensors",)),
    )
    assert command_of(wanted)[2:] == [
        "run", str(tmp_path), "p", "--test", "--runtime-vars", '{"year": 2021}',
        "--block-uuid", "load", "--skip-sensors",
    ]  # fmt: skip


def test_output_and_errors_are_kept_apart_and_the_status_is_the_processes(
    tmp_path: Path, runner
) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"
    result = run_cold(request(tmp_path, code), runner=runner)
    assert (result.exit_status, result.timed_out) == (7, False)
    assert (result.stdout.read_text(), result.stderr.read_text()) == ("out\n", "err\n")
    assert result.stdout.stat().st_mode & 0o077 == 0


def test_events_are_told_while_it_runs(tmp_path: Path, runner) -> None:
    told = tmp_path / "told"
    code = (
        "import os, time; from mage_harness_tap import events\n"
        "events.emit('one')\n"
        f"while not os.path.exists({str(told)!r}): time.sleep(0.01)\n"
        "events.emit('two')"
    )
    seen: list[str] = []

    def on_event(event) -> None:
        seen.append(event["event"])
        if event["event"] == "one":
            told.touch()

    result = run_cold(request(tmp_path, code), runner=runner, on_event=on_event)
    assert seen == ["process", "one", "two"]
    assert (len(result.events), result.timed_out) == (3, False)


@pytest.mark.parametrize("stubborn", [False, True])
def test_at_the_deadline_the_whole_group_is_ended(tmp_path: Path, runner, stubborn: bool) -> None:
    code = f"""
import os, signal, subprocess, sys, time
if {stubborn}: signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
def waits_here():
    time.sleep(600)
exec("\\n\\nwaits_here()")
"""
    result = patiently(
        lambda deadline: run_cold(request(tmp_path, code, deadline=deadline), runner=runner),
        until=lambda result: "waits_here" in result.stacks,
    )
    assert result.timed_out
    assert result.exit_status == (-signal.SIGKILL if stubborn else -signal.SIGTERM)
    assert end_soon([int(result.stdout.read_text())])
    assert 'File "<string>", line 3' in result.stacks


def test_children_that_outlive_it_are_ended_with_it(tmp_path: Path, runner) -> None:
    code = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
"""
    result = run_cold(request(tmp_path, code), runner=runner)
    assert result.exit_status == 0
    assert end_soon([int(result.stdout.read_text())])


def test_an_exception_in_the_watcher_ends_it_too(tmp_path: Path, runner) -> None:
    code = (
        "import time; from mage_harness_tap import events\nevents.emit('number'); time.sleep(600)"
    )
    pids = []

    def interrupt(event) -> None:
        if event["event"] == "number":
            pids.append(event["pid"])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cold(request(tmp_path, code), runner=runner, on_event=interrupt)
    assert end_soon(pids[:1])


def test_a_command_that_is_not_there_is_one_clear_error(tmp_path: Path, runner) -> None:
    wanted = RunRequest(
        mage=(str(tmp_path / "nothing"),),
        project=tmp_path,
        pipeline="p",
        folder=tmp_path,
        env={},
        deadline=1,
    )
    with pytest.raises(EnvironmentNotAbleError, match="cannot be started") as caught:
        run_cold(wanted, runner=runner)
    assert "doctor" in caught.value.remedy


def test_what_is_left_of_a_group_ends_also_where_stacks_are_asked_of_a_process_that_has_ended(
    tmp_path: Path, runner
) -> None:
    code = (
        "import subprocess, sys, pathlib\n"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "pathlib.Path('left').write_text(str(left.pid))\n"
    )
    wanted = request(tmp_path, code)
    process = runner.start(command_of(wanted), request=wanted, env=wanted.env)
    assert process.ended(within=30)
    process.ask_for_stacks()
    assert process.end() == 0
    assert end_soon([int((tmp_path / "left").read_text())])
