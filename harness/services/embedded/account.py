"""Whom servers of databases run as: they refuse to run as root, so root lends another user."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from harness.machine.guardian import Guardian

PROGRAM = "PostgreSQL"
_LENT = "nobody"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_PLENTY = 4 * 2**30
_SHARED_CACHES = (Path("/var/cache"), Path("/Library/Caches"))


@dataclass(frozen=True)
class Account:
    """A user by numbers.

    Attributes:
        uid: The user's number.
        gid: The group's number.
        lent: Whether it is another user than the present one.
    """

    uid: int
    gid: int
    lent: bool

    @property
    def switch(self) -> tuple[int, int] | None:
        """What to hand to a started process, or None to start it as the present user."""
        return (self.uid, self.gid) if self.lent else None

    def reaches(self, path: Path) -> bool:
        """Whether the user can read a path and pass through every folder above it."""
        if not self.lent:
            return os.access(path, os.R_OK)
        try:
            path = path.resolve(strict=True)
            above = all(self._may(folder, 0o1) for folder in path.parents)
            return above and self._may(path, 0o5 if path.is_dir() else 0o4)
        except OSError:
            return False

    def _may(self, path: Path, wanted: int) -> bool:
        facts = path.stat()
        mode = stat.S_IMODE(facts.st_mode)
        if facts.st_uid == self.uid:
            mode >>= 6
        elif facts.st_gid == self.gid:
            mode >>= 3
        return mode & wanted == wanted


def account(*, program: str = PROGRAM) -> Account:
    """The present user, or ``nobody`` where that is root.

    Args:
        program: What is to run as that user, for messages.

    Raises:
        EnvironmentNotAbleError: The present user, or ``nobody`` for root, has no entry in the
            system's list of users; servers of databases insist on one.
    """
    present = os.geteuid()
    try:
        if present != 0:
            pwd.getpwuid(present)
            return Account(present, os.getegid(), lent=False)
        entry = pwd.getpwnam(_LENT)
    except KeyError as error:
        who = _LENT if present == 0 else f"number {present}"
        raise EnvironmentNotAbleError(
            f"{program} cannot be started by this user",
            cause=f"the user {who} has no entry in the system's list of users",
            evidence=[f"{program} looks up the name of the user that it runs as"],
            remedy=f"add one, for example: echo 'harness:x:{present or 65534}:0::/:/bin/sh' "
            ">> /etc/passwd",
        ) from error
    return Account(entry.pw_uid, entry.pw_gid, lent=True)


def cache_for(who: Account, cache: Path, *, program: str = PROGRAM) -> Path:
    """The folder for what is kept between runs: ``cache``, or one that the lent user can reach.

    Raises:
        EnvironmentNotAbleError: There is no such folder.
    """
    wanted = cache if not who.lent else None
    tried = [str(cache)]
    if who.lent:
        existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
        if who.reaches(existing):
            wanted = cache
        for shared in _SHARED_CACHES:
            if wanted is None and shared.is_dir() and os.access(shared, os.W_OK):
                tried.append(str(shared))
                wanted = shared / "mage-harness" if who.reaches(shared) else None
    if wanted is None:
        raise EnvironmentNotAbleError(
            f"{program} cannot be kept where its user can read it",
            cause=f"the harness runs as root and {program} as {_LENT}, who cannot reach the cache",
            evidence=[f"tried: {', '.join(tried)}"],
            remedy="name a cache that all can reach: MAGE_HARNESS_CACHE=/srv/mage-harness",
        )
    wanted.mkdir(mode=0o755, parents=True, exist_ok=True)
    return wanted


def private_folder(
    who: Account, *, prefix: str, guardian: Guardian, program: str = PROGRAM
) -> Path:
    """Make a folder that only ``who`` (and root) can enter, in memory where there is plenty.

    Args:
        who: The user that is to own it.
        prefix: What its name begins with.
        guardian: Who deletes it when the harness cannot.
        program: Whose data it takes, for messages.

    Raises:
        EnvironmentNotAbleError: No place for temporary files can be reached by the lent user.
    """
    places = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108
    # Who names a place for temporary files gets it.
    if not os.environ.get("TMPDIR") and _plenty(_MEMORY):
        places.insert(0, _MEMORY)
    for place in places:
        if not who.lent or who.reaches(place):
            folder = guardian.make_folder(prefix=prefix, parent=place)
            if who.lent:
                os.chown(folder, who.uid, who.gid)
            return folder
    raise EnvironmentNotAbleError(
        f"{program} has no place for its data",
        cause=f"the harness runs as root and {program} as {_LENT}, who cannot reach any of them",
        evidence=[f"tried: {', '.join(str(place) for place in places)}"],
        remedy="set TMPDIR to a folder that all can reach",
    )


def _plenty(memory: Path) -> bool:
    """Whether a file system in memory has room for a database of a few million rows."""
    try:
        room = shutil.disk_usage(memory).free
    except OSError:
        return False
    return os.access(memory, os.W_OK) and min(room, psutil.virtual_memory().available) >= _PLENTY
