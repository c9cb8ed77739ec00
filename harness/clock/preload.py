"""The library that gives other programs another time: libfaketime, preloaded into them."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PRELOAD = "LD_PRELOAD"
OFFSET_VARIABLE = "MAGE_HARNESS_CLOCK"
"""Tells the tap how many seconds the process is ahead of the real time."""
_WHEEL = "libfaketime"
_FILE = "vendor/libfaketime/src/libfaketime.so.1"
_PLACED = "mage-harness-clock.so"
_SLACK, _PATIENCE = 1.0, 60.0
_ASK = "import time; print(time.time())"
_INSTALL = 'install it with: pip install "mage-harness[clock]"'
_REMEDY = "leave `at` out to run with the real time, or run on Linux with glibc on x86_64"


def library() -> Path:
    """The library of the wheel.

    Raises:
        EnvironmentNotAbleError: There is none for this machine.
    """
    spec = importlib.util.find_spec(_WHEEL)
    looked = (
        [Path(place) / _FILE for place in (spec.submodule_search_locations or ())] if spec else []
    )
    if sys.platform == "linux":
        for file in looked:
            if file.is_file():
                return file
    raise EnvironmentNotAbleError(
        "another time than the real one cannot be given here",
        cause=f"the wheel {_WHEEL} has no library for {sys.platform}"
        if looked
        else f"the wheel {_WHEEL} is not installed",
        evidence=[f"looked at {file}" for file in looked],
        remedy=_REMEDY if looked else f"{_INSTALL}, or {_REMEDY}",
    )


def library_in(folder: Path) -> Path:
    """A copy of the library in a folder, where others than this process can read it.

    Raises:
        EnvironmentNotAbleError: There is none for this machine.
    """
    file = folder / _PLACED
    if not file.exists():
        partial = file.with_suffix(".partial")
        shutil.copyfile(library(), partial)
        partial.chmod(0o644)
        partial.replace(file)
    return file


def variables(offset: int, *, file: Path) -> dict[str, str]:
    """The variables by which a program, and all that it starts, has another time.

    Clocks that only measure how long something takes stay as they are, or waiting would go wrong;
    so do the times of files, which the tap shows Python by the same clock.

    Args:
        offset: Seconds to add to the real time.
        file: The library, where the program can read it.
    """
    return {
        PRELOAD: str(file),
        "FAKETIME": f"{offset:+d}",
        # One name is that of older versions.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        OFFSET_VARIABLE: str(offset),
    }


def added(env: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Variables with those of ``variables``; what else is preloaded stays, behind the library."""
    both = filter(None, [more.get(PRELOAD), env.get(PRELOAD)])
    joined = ":".join(both)
    return {**env, **more, **({PRELOAD: joined} if joined else {})}


def keeps(found: float, *, offset: int, began: float) -> bool:
    """Whether a time that somebody was asked for is that of another clock.

    Args:
        found: Seconds since the epoch, as they were told.
        offset: Seconds that are to be added to the real time.
        began: The real time before the question.
    """
    return began - _SLACK <= found - offset <= time.time() + _SLACK


def check(python: Sequence[str], env: Mapping[str, str], *, offset: int) -> None:
    """Make sure that an interpreter really has the other time.

    Args:
        python: The words that start it.
        env: All variables, with those of ``variables``.
        offset: Seconds that it must add to the real time.

    Raises:
        EnvironmentNotAbleError: It has another time, or does not start with the library.
    """
    said, status, found = "", "", None
    began = time.time()
    try:
        done = subprocess.run(
            [*python, "-I", "-S", "-c", _ASK],
            env=dict(env),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_PATIENCE,
            stdin=subprocess.DEVNULL,
        )
        said, status = done.stderr.strip()[-400:], f"status {done.returncode}"
        found = float(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        status = f"{type(error).__name__}: {error}"
    if found is not None and keeps(found, offset=offset, began=began) and not said:
        return
    raise EnvironmentNotAbleError(
        "Mage's Python does not take the time that it is given",
        cause="it keeps the real time"
        if found is not None
        else "it does not start with the library, which is made for glibc on x86_64",
        evidence=[f"asked: {' '.join(python)}", *filter(None, [status, said])],
        remedy=_REMEDY,
    )
