"""The file that ``--json`` names."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentNotAbleError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


def require_file(file: Path | None, *, option: str = "--json") -> None:
    """Refuse the standard output, where the report is.

    Args:
        file: What the option names, or None.
        option: The option.

    Raises:
        InputError: It is no file.
    """
    if file == Path("-"):
        raise InputError(
            "the facts are written to a file, not to the standard output",
            cause="the report is there",
            remedy=f"name a file, such as {option} run.{'json' if option == '--json' else 'html'}",
        )


def write_json(file: Path, facts: Mapping[str, Any]) -> None:
    """Write facts as JSON.

    Args:
        file: Where to.
        facts: What to write.

    Raises:
        InputError: It cannot be written there.
        EnvironmentNotAbleError: There is no room.
    """
    try:
        file.write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise (EnvironmentNotAbleError if full else InputError)(
            f"the facts cannot be written to {file}",
            cause=error.strerror or str(error),
            remedy="free space there, or name another file with --json"
            if full
            else "name a file in a folder that is there and can be written, with --json",
        ) from error
