"""The folders of a session's runs, below that of its services."""

from __future__ import annotations

import shutil
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harness.machine.space import explained

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACES = "places"
"""The folder in the stack's with what runs see, and leave, at the paths of Mage's container."""
_RUNS = "runs"
_IN_TURN = ("first", "second", "third")
"""For the run, for the next one, and for a test of two runs."""


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


def folder_in_turn(runs: Path) -> Path:
    """Make a folder for a run that is not asked for yet.

    Runs have the same few again and again, since what Mage has imported knows where it is.

    Args:
        runs: The folder with those of runs.

    Raises:
        OSError: It cannot be made.
    """
    for name in _IN_TURN:
        with suppress(FileExistsError):
            (runs / name).mkdir(mode=0o700)
            return runs / name
    return Path(tempfile.mkdtemp(dir=runs))


def is_lasting(folder: Path) -> bool:
    """Whether runs have a folder in turn.

    Args:
        folder: The folder of a run.
    """
    return folder.name in _IN_TURN


class Clearing:
    """Deletes what runs have left, beside the run that comes next.

    A run leaves dozens of folders, and to delete them takes as long as much of its verdict.
    """

    def __init__(self) -> None:
        self._deleting: threading.Thread | None = None

    def clear(self, home: Path, *, kept: Path | None = None) -> None:
        """Take away what runs have left: it is out of their sight at once, and soon gone.

        Args:
            home: The folder of the services.
            kept: The folder of a run that is still to come.
        """
        self.end()
        runs = home / _RUNS
        others = [one for one in runs.iterdir() if one != kept] if runs.is_dir() else []
        left = [one for one in (*others, home / PLACES) if one.exists()]
        if left:
            self._deleting = threading.Thread(
                target=_delete,
                args=(_out_of_sight(left, home=home),),
                name="mage-harness-clearing",
                daemon=True,
            )
            self._deleting.start()

    def end(self) -> None:
        """Wait until all is gone; safe to call twice."""
        deleting, self._deleting = self._deleting, None
        if deleting is not None:
            deleting.join()


def _out_of_sight(left: Iterable[Path], *, home: Path) -> list[Path]:
    """Put folders where no run looks for them; those that cannot be moved are deleted here."""
    try:
        gone = Path(tempfile.mkdtemp(dir=home))
    except OSError:
        # A disk that is full has no room for one more.
        _delete(left)
        return []
    stuck = []
    for place in left:
        try:
            place.rename(gone / place.name)
        except OSError:
            stuck.append(place)
    _delete(stuck)
    return [gone]


def _delete(places: Iterable[Path]) -> None:
    for place in places:
        shutil.rmtree(place, ignore_errors=True)
