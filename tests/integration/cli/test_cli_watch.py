"""``mage-harness watch``: a save is answered by a verdict."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]
COMMAND = Path(sys.executable).parent / "mage-harness"
PATIENCE = 240


class Told:
    """What a command says, line by line, and what of it is waited for."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        self.said: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._thread.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._lines.put(line)

    def close(self) -> None:
        self._thread.join(PATIENCE)

    def until(self, text: str) -> None:
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE)
            except queue.Empty:
                pytest.fail(f"never said {text!r}, but:\n{''.join(self.said)}")
            self.said.append(line)
            if text in line:
                return


def begun_in(folder: Path) -> bool:
    """Whether there is a process in a copy of the project: a run, or what waits to be one."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            place = Path(process.cwd())
            if place.is_relative_to(folder) and place.match("runs/*/project/success"):
                return True
    return False


def wait_for(met: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.slow
def test_a_save_is_answered_by_a_verdict(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    project = tmp_path / "success"
    shutil.copytree(ROOT / "tests" / "projects" / "success", project)
    loader = project / "data_loaders" / "load.py"
    right = loader.read_text("utf-8")
    process = subprocess.Popen(
        [COMMAND, "watch", "--project", str(project)],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "200", "TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    told = Told(process)
    try:
        told.until("PASSED success")
        told.until("waiting for a file")
        loader.write_text(right + "\nx = (\n", "utf-8")
        told.until("load.py saved")
        told.until("data_loaders/load.py changed")
        told.until("FAILED  success")
        told.until("waiting for a file")
        loader.write_text(right, "utf-8")
        told.until("PASSED success")
        told.until("waiting for a file")
        wait_for(lambda: begun_in(temporary))
        loader.touch()
        told.until("1 pipeline unchanged since the last green run")
        process.send_signal(signal.SIGINT)
        told.until("interrupted; everything that it started has been ended")
        assert process.wait(PATIENCE) == 130
        wait_for(lambda: not begun_in(temporary))
    finally:
        process.kill()
        process.wait()
        told.close()
