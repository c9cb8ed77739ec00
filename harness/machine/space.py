"""A full disk, said clearly."""

from __future__ import annotations

import errno
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_SPACE = "No space left on device"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""The system's numbers for a disk, or a user's share of it, that has no room."""


def full(path: Path, *, doing: str, needed: str = "") -> EnvironmentNotAbleError:
    """The error for a disk that has no room.

    Args:
        path: Where something was to be written; it need not exist.
        doing: What was being done, such as ``starting PostgreSQL``.
        needed: How much room it takes, such as ``about 3 GB``, where that is known.
    """
    existing = next((folder for folder in (path, *path.parents) if folder.exists()), Path("/"))
    free = shutil.disk_usage(existing).free
    room = f"{needed} of room" if needed else "room"
    return EnvironmentNotAbleError(
        f"the disk is full: {doing} did not work",
        cause=f"nothing more can be written to {path}",
        evidence=[f"{free / 2**20:.1f} MiB are free there"],
        remedy=f"make {room} there, or name another place: TMPDIR for what a run writes, "
        "MAGE_HARNESS_CACHE for what is kept between runs",
    )


@contextmanager
def explained(path: Path, *, doing: str) -> Iterator[None]:
    """Turn the system's "no space left" into an error that says where and how much is free."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL or NO_SPACE in str(error):
            raise full(path, doing=doing) from error
        raise
