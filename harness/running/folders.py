"""The folders of a session's runs, below that of its services."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from harness.machine.space import explained
from harness.running.surroundings import PLACES

_RUNS = "runs"


def new_folder(home: Path) -> Path:
    """Make a folder for a run.

    Args:
        home: The folder of the services.

    Raises:
        EnvironmentNotAbleError: There is no space for it.
    """
    runs = home / _RUNS
    with explained(runs, doing="making a folder for the run"):
        runs.mkdir(mode=0o700, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=runs))


def clear_folders(home: Path, *, kept: Path | None = None) -> None:
    """Delete what runs have left.

    Args:
        home: The folder of the services.
        kept: The folder of a run that is still to come.
    """
    runs = home / _RUNS
    others = [one for one in runs.iterdir() if one != kept] if runs.is_dir() else []
    for place in (*others, home / PLACES):
        shutil.rmtree(place, ignore_errors=True)
