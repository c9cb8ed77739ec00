"""The files that ``--json`` and its like name."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentNotAbleError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


_EXAMPLES = {"--json": "run.json", "--report": "run.html", "--junit": "run.xml"}


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
            remedy=f"name a file, such as {option} {_EXAMPLES[option]}",
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
    write_facts(file, json.dumps(facts, indent=2) + "\n", option="--json")


def write_facts(file: Path, text: str, *, option: str) -> None:
    """Write facts in a form of theirs.

    Args:
        file: Where to.
        text: What to write.
        option: The option that names the file.

    Raises:
        InputError: It cannot be written there.
        EnvironmentNotAbleError: There is no room.
    """
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise (EnvironmentNotAbleError if full else InputError)(
            f"the facts cannot be written to {file}",
            cause=error.strerror or str(error),
            remedy=f"free space there, or name another file with {option}"
            if full
            else f"name a file in a folder that is there and can be written, with {option}",
        ) from error
