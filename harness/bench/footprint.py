"""How much memory the command takes, looked at from outside, set against Mage's own process."""

from __future__ import annotations

import subprocess
import sysconfig
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from harness.bench.samples import Comparison, rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from harness.settings import Settings

_EVERY = 0.05
_MEGABYTE = 1e6
_MAGE = "Mage's process"
_HARNESS = "the harness, with BigQuery and Google's sign-in in it"
_SERVICES = "processes of the services"
_KINDS = ("PostgreSQL", "Cloud Storage", "recorded HTTP")
_WATCHDOG = "the watchdog"


def compare_footprints(
    settings: Settings,
    pipelines: Sequence[str],
    *,
    count: int,
    progress: Callable[[str], None],
) -> list[Comparison]:
    """Peaks of ``mage-harness run``, in megabytes.

    Args:
        settings: Those of the project.
        pipelines: By uuid.
        count: Rounds that are counted.
        progress: Told in a line what is being done.
    """
    command = ["run", "--project", str(settings.project), "--runner", "cold", *pipelines]
    values = rounds([lambda: _peaks(command)], count=count, progress=progress, doing="memory")
    names = (_HARNESS, _SERVICES, *_KINDS)
    return [
        Comparison(
            name=f"peak of {name}",
            against=f"peak of {_MAGE}",
            values=values[name],
            references=values[_MAGE],
            unit="MB",
        )
        for name in names
    ]


def _peaks(arguments: Sequence[str]) -> Mapping[str, float]:
    program = Path(sysconfig.get_path("scripts")) / "mage-harness"
    peaks: dict[str, float] = defaultdict(float)
    with (
        tempfile.TemporaryFile("w+") as output,
        psutil.Popen(
            [str(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        ) as process,
    ):
        while process.poll() is None:
            for kind, size in _look(process).items():
                peaks[kind] = max(peaks[kind], size)
            time.sleep(_EVERY)
        if process.returncode != 0:
            output.seek(0)
            message = f"`mage-harness run` did not succeed:\n{output.read()}"
            raise RuntimeError(message)
    return dict(peaks)


def _look(process: psutil.Process) -> dict[str, float]:
    """Memory by kind now, what several processes share counted once where the system can tell."""
    found: dict[str, float] = defaultdict(float)
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return found
    for one in family:
        try:
            command = one.cmdline()
            kind = _HARNESS if one == process else _kind(command)
            if one != process and command == process.cmdline():
                continue  # not yet the program that it is about to become
            memory = one.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        size = getattr(memory, "pss", memory.rss) / _MEGABYTE
        found[kind] += size
        if kind in _KINDS:
            found[_SERVICES] += size
    return found


def _kind(command: list[str]) -> str:
    program = Path(command[0].split(":")[0]).name if command else ""
    if program == "postgres":  # its children call themselves "postgres: checkpointer"
        return "PostgreSQL"
    if program.startswith("fake-gcs"):
        return "Cloud Storage"
    if "harness.replay.proxy" in command:
        return "recorded HTTP"
    if command[-1:] and Path(command[-1]).name == "watchdog.py":
        return _WATCHDOG
    return _MAGE
