"""Digests of files and of plain values."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def digest_of_file(file: Path) -> str:
    """A file's digest in hexadecimal, by its content alone; a reason where it cannot be read.

    Args:
        file: The file.
    """
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        return f"not readable: {error.strerror}"


def digest_of(value: Any, *, key: bytes = b"") -> str:
    """A plain value's digest in hexadecimal.

    Args:
        value: What JSON can hold; anything else counts by its text.
        key: A secret of whoever keeps the digest, at most 64 bytes: without it, nobody can find
            out by trying what the value was.
    """
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), key=key, digest_size=32).hexdigest()
