"""What libfaketime's processes share in memory: made here, so that whoever is killed leaves none.

The library would make it in the first process of a run, by that process's number, and only a
process that ends by itself removes it again.
"""

from __future__ import annotations

import importlib
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.machine.guardian import Guardian

VARIABLE = "FAKETIME_SHARED"
_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps what is shared by name
_SEMAPHORE, _KEPT = 1, True
_SIZE = 4096
"""Bytes: more than the library's structure has."""


def shared(guardian: Guardian, *, owner: tuple[int, int] | None = None) -> dict[str, str]:
    """Make it, empty, and have it removed with what else the guardian keeps.

    Args:
        guardian: Who clears up, at the end of the stack or when the harness is killed.
        owner: The numbers of the user and group of those who share it; the present ones if None.

    Returns:
        The variable that tells the library its name; none where there is no such memory.
    """
    if not os.access(_MEMORY, os.W_OK):
        return {}
    name = f"mage-harness-clock-{secrets.token_hex(6)}"
    files = [str(_MEMORY / f"sem.{name}"), str(_MEMORY / name)]
    guardian.command(name, [shutil.which("rm") or "/bin/rm", "-f", *files])
    # The only thing in Python that makes a semaphore with a name that others can be told.
    importlib.import_module("_multiprocessing").SemLock(_SEMAPHORE, 1, 1, f"/{name}", not _KEPT)
    with os.fdopen(os.open(files[1], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.truncate(_SIZE)
    if owner is not None:
        for one in files:
            os.chown(one, *owner)
    return {VARIABLE: f"/{name} /{name}"}
