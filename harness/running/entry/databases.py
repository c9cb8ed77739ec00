"""Empty databases of Mage's engine, one for each version of Mage, kept between runs.

To make one takes Mage some seconds of migrations. The tap makes it where there is none, in a folder
of the run, and copies it into the run's own data before a block runs.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from harness.machine.space import explained

_KEPT = "engine"
_SUFFIX = ".db"


def laid_out(cache: Path, *, folder: Path) -> Path:
    """Put what is kept where a run finds it.

    Args:
        cache: Where things are kept between runs.
        folder: The run's private folder.

    Returns:
        The folder that the tap is told.
    """
    place = folder / _KEPT
    with explained(place, doing="preparing the engine's database"):
        place.mkdir(mode=0o700)
        for file in (cache / _KEPT).glob(f"*{_SUFFIX}"):
            shutil.copyfile(file, place / file.name)
            (place / file.name).chmod(0o600)
    return place


def keep(cache: Path, *, place: Path) -> None:
    """Keep what the run has made, for the next one.

    Args:
        cache: Where things are kept between runs.
        place: The folder that the tap was told.
    """
    kept = cache / _KEPT
    for file in place.glob(f"*{_SUFFIX}"):
        if (kept / file.name).exists():
            continue
        with explained(kept, doing="keeping the engine's database"):
            kept.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=kept) as apart:
                copy = Path(apart) / file.name
                copy.touch(mode=0o600)
                shutil.copyfile(file, copy)
                # Whole or not at all, whoever else does the same at this time.
                copy.replace(kept / file.name)
