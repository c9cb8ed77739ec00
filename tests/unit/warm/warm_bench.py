"""A stand-in for the mage command, and what runs it by forks of a server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.enclosure.plan import Enclosure
from harness.machine.guardian import Guardian
from harness.machine.meeting import addresses
from harness.running.cold import run_cold
from harness.running.local import LocalRunner
from harness.running.runner import RunRequest
from harness.running.walls import Walls
from harness.running.warm import kept, place
from harness.running.warm.spawner import Warm
from harness.tap import SITE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.running.warm.server import Server

ENV = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SITE), "PYTHONUNBUFFERED": "1"}


class Bench:
    """A stand-in script, and a runner whose server is found or started for it."""

    def __init__(self, folder: Path, runner: LocalRunner, warm: Warm, notes: list[str]) -> None:
        self.folder, self.runner, self.warm, self.notes = folder, runner, warm, notes
        self.script = folder / "bin" / "stand_in"

    @property
    def server(self) -> Server:
        return self.warm._server

    def run(self, code: str | None, *, name: str = "", env=(), **options):
        """Run a code, or the script as it is."""
        if code is not None:
            self.script.write_text(code)
        folder = self.folder / (name or f"run-{len(list(self.folder.iterdir()))}")
        folder.mkdir()
        request = RunRequest(
            mage=(sys.executable, str(self.script)),
            project=folder,
            pipeline="p",
            folder=folder,
            env={**ENV, **dict(env)},
            **{"deadline": 30.0, **options},
        )
        return run_cold(request, runner=self.runner)


@contextmanager
def opened(
    folder: Path, *, network: str, env=(), idle: float = 60.0, warm: Warm | None = None
) -> Iterator[Bench]:
    """A bench of one command; the server is there for the next."""
    script = folder / "bin" / "stand_in"
    script.parent.mkdir(exist_ok=True)
    script.touch()
    notes: list[str] = []
    with Guardian() as guardian:
        warm = warm or Warm("warm", progress=notes.append, idle=idle)
        warm.prepare((sys.executable, str(script)), env={**ENV, **dict(env)})
        walls = Walls(network, enclosure=Enclosure, progress=print)
        runner = LocalRunner(
            None, None, guardian=lambda: guardian, walls=walls, progress=print, spawner=warm
        )
        yield Bench(folder, runner, warm, notes)
        warm.close()


@contextmanager
def own_servers(name: str) -> Iterator[None]:
    """Servers of nobody else, which have ended afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        # Tests at the same time, in another process, have folders of the same name.
        patch.setattr(place, "PREFIX", f"mage-harness-warm-test-{os.getpid()}-{name}")
        yield
        kept.stop()
        wait_until(lambda: addresses(place.PREFIX) == [])


def both(bench: Bench, code: str) -> list[tuple[int, str, list[str]]]:
    """Status, output and the last line of errors, of a warm run and of a start of the script."""
    warm = bench.run(code)
    assert bench.notes == []
    alone = subprocess.run(
        [sys.executable, str(bench.script), "run", "project", "p", "--test"],
        env=ENV,
        capture_output=True,
        text=True,
        check=False,
    )
    return [
        (status, out, errors.splitlines()[-1:])
        for status, out, errors in (
            (warm.exit_status, warm.stdout.read_text(), warm.stderr.read_text()),
            (alone.returncode, alone.stdout, alone.stderr),
        )
    ]


def wait_until(met: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not met():
        assert time.monotonic() < until
        time.sleep(0.02)
