"""A command that owns a terminal, whose keys are signals for it, as a person has it before them."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PATIENCE = 240
# The terminal's keys are signals for the session that it belongs to; and who starts tests in the
# background has them ignored.
_OWN = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
for number in (signal.SIGINT, signal.SIGQUIT):
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """A command on a terminal of its own, that is read all the time: it holds little."""

    def __init__(self, process: subprocess.Popen[bytes], end: int) -> None:
        self.process = process
        self.said = ""
        self._end = end
        self._news = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def until(self, text: str) -> None:
        with self._news:
            self._news.wait_for(lambda: text in self.said or self._ended, PATIENCE)
            if text not in self.said:
                pytest.fail(f"never said {text!r}, but:\n{self.said}")

    def _read(self) -> None:
        content = b""
        while not self._ended:
            try:
                found = os.read(self._end, 65536)
            except OSError:
                # Nobody has the terminal any more.
                found = b""
            content += found
            with self._news:
                self.said = content.decode("utf-8", "replace")
                self._ended = not found
                self._news.notify_all()

    def enter(self) -> int:
        return self._typed(b"\n")

    def ctrl_c(self) -> int:
        return self._typed(b"\x03")

    def _typed(self, keys: bytes) -> int:
        os.write(self._end, keys)
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status

    def close(self) -> None:
        self._reader.join(PATIENCE)
        os.close(self._end)

    def word(self, name: str) -> list[str]:
        lines = [line.strip() for line in self.said.splitlines()]
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        return shlex.split(line.removeprefix(name))


@contextmanager
def terminal(command: Sequence[str | Path], place: Path) -> Iterator[Terminal]:
    end, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _OWN, *command],
        cwd=place,
        env={**os.environ, "COLUMNS": "300", "LINES": "50", "TERM": "dumb"},
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
    )
    os.close(other)
    told = Terminal(process, end)
    try:
        yield told
    finally:
        process.terminate()
        process.wait(PATIENCE)
        told.close()
