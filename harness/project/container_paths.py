"""The paths of Mage's container that a project's source names outright."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

ROOTS = ("/home/src", "/home/mage_code")
"""Where Mage's images have the code of their users: today's, and the first ones'."""
_SUFFIXES = frozenset({".cfg", ".env", ".ini", ".py", ".sql", ".toml", ".yaml", ".yml"})
_LARGEST = 1 << 20
_NAMED = re.compile(
    r"(?:(?<![\w./-])|(?<=//))"
    r"/home/(?:src|mage_code)(?![\w-])[^\s'\"`,;:<>|*?()\[\]\\]*"
)
_FILLED_IN = re.compile(r"[{%$]")
_KEY = re.compile(
    r"credential|service_acc|keyfile|key_file|key_path|GOOGLE_|token=|gcp", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Named:
    """A path that a source names.

    Attributes:
        root: One of ``ROOTS``.
        parts: What follows, piece by piece.
        folder: Whether it is a folder, as far as its name says.
        key: Whether its line is about a key.
    """

    root: str
    parts: tuple[str, ...]
    folder: bool
    key: bool = False

    @property
    def path(self) -> str:
        """The path as a whole."""
        return "/".join((self.root, *self.parts))


def named_paths(project: Path, *, variables: Mapping[str, str]) -> list[Named]:
    """The container's paths that a project, or the variables given to it, name; sorted.

    Args:
        project: The project's folder.
        variables: Variables of its pipelines.
    """
    found = {one for text in _texts(project) for one in _in_text(text)}
    found |= {one for text in variables.values() for one in _in_text(text)}
    return sorted(found, key=lambda one: (one.path, one.key))


def _texts(project: Path) -> Iterator[str]:
    for file in sorted(project.rglob("*")):
        if file.suffix in _SUFFIXES and file.is_file() and file.stat().st_size <= _LARGEST:
            yield file.read_text("utf-8", "replace")


def _in_text(text: str) -> Iterator[Named]:
    if not any(root in text for root in ROOTS):
        return
    for line in text.splitlines():
        about_key = _KEY.search(line) is not None
        for match in _NAMED.finditer(line):
            yield _named(match[0], about_key=about_key)


def _named(text: str, *, about_key: bool) -> Named:
    filled = _FILLED_IN.search(text)
    if filled is not None:
        # The rest is known only while it runs.
        text = text[: filled.start()].rpartition("/")[0] + "/"
    root = next(one for one in ROOTS if text == one or text.startswith(f"{one}/"))
    parts = tuple(_clean(text.removeprefix(root).split("/")))
    last = parts[-1] if parts else ""
    return Named(
        root=root,
        parts=parts,
        folder=text.endswith("/") or "." not in last.lstrip("."),
        key=about_key and last.endswith(".json"),
    )


def _clean(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        if part == "..":
            return
        if part not in {"", "."}:
            yield part
