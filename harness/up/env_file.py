"""A file of variables that a shell reads, for its owner alone."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.machine.space import explained

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HEAD = "# mage-harness: the private services of one session; it ends with them.\n"


def check_env_file(file: Path) -> None:
    """Refuse to write over what is somebody's own.

    Args:
        file: Where the variables are to be written.

    Raises:
        InputError: There is no such folder, or the file is another's.
    """
    if not file.parent.is_dir():
        raise InputError(
            f"the variables cannot be written to {file}",
            cause=f"there is no folder {file.parent}",
            remedy="make the folder, or name another file",
        )
    if (file.exists() or file.is_symlink()) and not _is_ours(file):
        raise InputError(
            f"the variables are not written to {file}",
            cause="it is there already, and not an earlier one of these",
            remedy="name another file, or take it away",
        )


def write_env_file(file: Path, variables: Mapping[str, str]) -> None:
    """Write variables so that ``. FILE`` sets them, in a new file of mode 0600.

    Args:
        file: The file; one of an earlier session is replaced.
        variables: The variables. Values may hold anything but NUL.

    Raises:
        InputError: The file is somebody else's.
        EnvironmentNotAbleError: It cannot be written.
    """
    check_env_file(file)
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in sorted(variables.items())]
    with explained(file, doing="writing the variables"):
        file.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(file, flags, 0o600), "w", encoding="utf-8") as stream:
            stream.write(HEAD)
            stream.writelines(lines)


def remove_env_file(file: Path) -> None:
    """Take the file away, unless somebody has put another there.

    Args:
        file: The file; it may be gone.
    """
    if _is_ours(file):
        file.unlink(missing_ok=True)


def _is_ours(file: Path) -> bool:
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as stream:
        return stream.read(len(HEAD)) == HEAD.encode()
