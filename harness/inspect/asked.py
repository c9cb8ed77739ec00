"""The files that a look at source has asked for, and whether each is still as it was."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ASKED: ContextVar[dict[Path, bytes] | None] = ContextVar("asked files", default=None)
_ABSENT = b"absent"
_UNREADABLE = b"unreadable"


@contextmanager
def asking() -> Iterator[Mapping[Path, bytes]]:
    """Within, each file that is asked for is noted, with what it answers."""
    asked: dict[Path, bytes] = {}
    before = _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.reset(before)


def ask(file: Path) -> Path:
    """Note that somebody is about to ask whether there is a file, or for its content.

    Before the question, so that a change while it is asked is one that is seen.

    Args:
        file: The file, absolute.

    Returns:
        The file.
    """
    asked = _ASKED.get()
    if asked is not None and file not in asked:
        asked[file] = _answer(file)
    return file


def unchanged(asked: Mapping[Path, bytes]) -> bool:
    """Whether all files answer as they did.

    Args:
        asked: What ``asking`` has noted.
    """
    return all(_answer(file) == answer for file, answer in asked.items())


def _answer(file: Path) -> bytes:
    if not os.path.isfile(file):  # noqa: PTH113 - also False for a name that no file can have
        return _ABSENT
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:
        return _UNREADABLE
