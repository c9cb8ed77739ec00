"""Which paths a member of an archive may have."""

from __future__ import annotations

_LONGEST = 255
_LONGEST_PATH = 1000


def refused(name: str) -> str:
    """Why no member may be called so; empty where one may.

    Args:
        name: The path in the archive.
    """
    parts = name.split("/")
    if name.startswith("/"):
        return "its name begins at the root"
    if any(part in ("", ".", "..") for part in parts):
        return "its name leads out of the folder, or to none of its files"
    if len(name) > _LONGEST_PATH or any(len(_bytes(part)) > _LONGEST for part in parts):
        return "its name is too long"
    return "" if name.isprintable() else "its name cannot be printed"


def _bytes(part: str) -> bytes:
    return part.encode("utf-8", "surrogateescape")
