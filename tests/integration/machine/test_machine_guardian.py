"""The guardian ends what its process leaves behind, however that process ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from harness.machine import watchdog
from harness.machine.guardian import Guardian

PARENT = """
    import json, os, signal, subprocess, sys, time
    from pathlib import Path
    from harness.machine.guardian import Guardian

    guardian = Guardian()
    folder = Path(sys.argv[1])
    folder.mkdir()
    guardian.folder(folder)
    (folder / "deep").mkdir()
    (folder / "deep" / "file").write_text("x")
    (folder / "deep").chmod(0o500)
    child = [sys.executable, "-c", {child!r}]
    leader = subprocess.Popen(child, start_new_session=True, close_fds=False,
                              stdout=subprocess.PIPE, text=True)
    guardian.process(leader.pid, signal={signal})
    grandchild = int(leader.stdout.readline())
    unregistered = subprocess.Popen(["sleep", "600"], start_new_session=True,
                                    env=os.environ | guardian.environment())
    forgotten = subprocess.Popen(["sleep", "600"], start_new_session=True)
    guardian.process(forgotten.pid)
    guardian.forget_process(forgotten.pid)
    forked = os.fork()
    if forked == 0:
        time.sleep(600)
    print(json.dumps({{"leader": leader.pid, "grandchild": grandchild, "forked": forked,
                      "unregistered": unregistered.pid, "forgotten": forgotten.pid,
                      "watchdog": guardian._watchdog.pid}}), flush=True)
    {ending}
"""
LEADER = "import subprocess, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True); "
MEEK = LEADER + "time.sleep(600)"


def gone(pid: int) -> bool:
    return not watchdog.birth(pid)


def wait_until(check, seconds=60.0):
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("time.sleep(600)", -signal.SIGKILL),
        ("time.sleep(600)", -signal.SIGTERM),
        ("raise SystemError('boom')", 1),
        ("sys.exit(0)", 0),
        ("os._exit(7)", 7),
    ],
)
def test_nothing_remains_when_the_parent_ends(tmp_path, ending, status):
    folder = tmp_path / "private"
    code = textwrap.dedent(PARENT).format(child=MEEK, signal="signal.SIGTERM", ending=ending)
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    pids = json.loads(parent.stdout.readline())
    try:
        if status < 0:
            assert not gone(pids["grandchild"])
            parent.send_signal(-status)
        assert parent.wait(60) == status
        assert wait_until(lambda: gone(pids["watchdog"]))
        for name in ("leader", "grandchild", "unregistered"):
            assert gone(pids[name]), name
        assert not folder.exists()
        assert not gone(pids["forgotten"])
        # The fork holds no copy of the pipe, or the watchdog would still wait.
        assert not gone(pids["forked"])
    finally:
        for name in ("forgotten", "forked", "leader", "grandchild", "unregistered"):
            if not gone(pids[name]):
                os.kill(pids[name], signal.SIGKILL)
        parent.stdout.close()
        parent.kill()
        parent.wait()


def test_who_heeds_no_signal_is_killed_after_the_grace(monkeypatch):
    monkeypatch.setattr(watchdog, "GRACE", 0.2)
    stubborn = "import signal; signal.signal(15, signal.SIG_IGN); " + MEEK
    process = subprocess.Popen(
        [sys.executable, "-c", stubborn], start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    grandchild = int(process.stdout.readline())
    process.stdout.close()
    ward = watchdog.Ward(
        pid=process.pid, born=watchdog.birth(process.pid), group=True, ending=signal.SIGTERM
    )
    watchdog.end([ward], "no such token", grace=0.2)
    assert process.wait(60) == -signal.SIGKILL
    assert wait_until(lambda: gone(grandchild))


def test_a_process_that_took_over_the_number_is_left_alone():
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as other:
        ward = watchdog.Ward(pid=other.pid, born="1", group=True, ending=signal.SIGTERM)
        assert not ward.signal(signal.SIGTERM)
        watchdog.end([ward], "no such token", grace=0.1)
        assert other.poll() is None
        other.kill()


def test_a_process_that_leads_no_group_never_takes_the_groups_others_with_it():
    with Guardian() as guardian:
        process = subprocess.Popen(["sleep", "600"])
        guardian.process(process.pid)
    assert process.wait(60) == -signal.SIGTERM


def test_a_folder_without_our_marker_is_left_alone(tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / watchdog.MARKER).write_text("another token")
    (folder / "precious").write_text("x")
    watchdog.delete(folder, "our token")
    link = tmp_path / "link"
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / watchdog.MARKER).write_text("our token")
    link.symlink_to(ours)
    watchdog.delete(link, "our token")
    assert (folder / "precious").exists()
    assert ours.exists()


def test_a_folder_that_was_announced_and_not_yet_marked_is_removed_only_if_empty(tmp_path):
    empty, full, cut = tmp_path / "empty", tmp_path / "full", tmp_path / "cut"
    for folder in (empty, full, cut):
        folder.mkdir()
    (full / "precious").write_text("x")
    (cut / watchdog.MARKER).write_text("")
    for folder in (empty, full, cut, tmp_path / "never made"):
        watchdog.delete(folder, "our token")
    assert [path.name for path in tmp_path.iterdir()] == ["full"]
    assert (full / "precious").exists()


def test_a_made_folder_is_private_and_goes_with_the_guardian(tmp_path):
    with Guardian() as guardian:
        folder = guardian.make_folder(prefix="mine-", parent=tmp_path)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.name.startswith("mine-")
    assert not folder.exists()


def test_what_links_point_at_is_not_deleted(tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    folder = tmp_path / "private"
    folder.mkdir()
    with Guardian() as guardian:
        guardian.folder(folder)
        (folder / "link").symlink_to(precious)
    assert not folder.exists()
    assert (precious / "file").exists()


def test_a_watchdog_that_was_killed_is_replaced_and_told_everything(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with Guardian() as guardian:
        guardian.folder(first)
        old = guardian._watchdog
        old.kill()
        old.wait()
        guardian.folder(second)
        assert guardian._watchdog is not old
    assert not first.exists()
    assert not second.exists()


def test_signals_from_the_terminal_do_not_end_the_watchdog(tmp_path):
    folder = tmp_path / "private"
    folder.mkdir()
    with Guardian() as guardian:
        guardian.folder(folder)
        pid = guardian._watchdog.pid
        wait_until(lambda: psutil.Process(pid).num_threads() == 1 and _ignores(pid, signal.SIGTERM))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(pid, number)
        assert guardian._watchdog.poll() is None
    assert not folder.exists()


def _ignores(pid, number):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigIgn:"):
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


def test_a_forgotten_folder_stays_and_loses_its_marker(tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    with Guardian() as guardian:
        guardian.folder(folder)
        guardian.forget_folder(folder)
    assert list(folder.iterdir()) == []


RECORDS = """
import os, sys, json
from pathlib import Path
out, folder, pid = sys.argv[1:]
Path(out).write_text(json.dumps({
    "folder": Path(folder).exists(), "process": os.path.exists(f"/proc/{pid}/fd/0"),
    "environment": os.environ.get("GIVEN"), "inherited": "INHERITED" in os.environ,
}))
"""


def test_a_command_runs_after_the_processes_and_before_the_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("INHERITED", "1")
    out, folder = tmp_path / "out", tmp_path / "private"
    folder.mkdir()
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        with Guardian() as guardian:
            argv = [sys.executable, "-I", "-S", "-c", RECORDS, str(out), str(folder)]
            guardian.command("a", [*argv, str(process.pid)], environment={"GIVEN": "x"})
            guardian.folder(folder)
            guardian.process(process.pid)
        assert process.wait(60) == -signal.SIGTERM
    assert json.loads(out.read_text()) == {
        "folder": True,
        "process": False,
        "environment": "x",
        "inherited": False,
    }
    assert not folder.exists()


def test_a_command_can_be_replaced_and_forgotten(tmp_path):
    with Guardian() as guardian:
        for key, name in (("a", "first"), ("a", "second"), ("b", "third")):
            guardian.command(key, ["/bin/touch", str(tmp_path / name)])
        guardian.forget_command("b")
        guardian.forget_command("never known")
    assert [path.name for path in tmp_path.iterdir()] == ["second"]


def test_commands_survive_a_watchdog_that_was_killed(tmp_path):
    with Guardian() as guardian:
        guardian.command("a", ["/bin/touch", str(tmp_path / "one")])
        guardian._watchdog.kill()
        guardian._watchdog.wait()
        guardian.command("b", ["/bin/touch", str(tmp_path / "two")])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_command_that_is_not_there_or_hangs_keeps_nobody_from_the_rest(tmp_path):
    touch = ["/bin/touch", str(tmp_path / "done")]
    hangs = [sys.executable, "-c", "import signal, time; signal.signal(15, 1); time.sleep(600)"]
    watchdog.run([(["/no/such/program"], {}), (hangs, {}), (touch, {})], patience=2.0)
    assert (tmp_path / "done").exists()


def test_a_command_runs_when_the_parent_is_killed(tmp_path):
    code = f"""
import time
from harness.machine.guardian import Guardian
guardian = Guardian()
guardian.command("a", ["/bin/touch", {str(tmp_path / "done")!r}])
print("ready", flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        parent.stdout.readline()
        parent.kill()
    assert wait_until((tmp_path / "done").exists)
