"""A build's context: the files that are sent, and the key that stands for all of it."""

from __future__ import annotations

import hashlib
import json
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_DIGITS = 24


@dataclass(frozen=True, kw_only=True)
class Context:
    """What is sent to the engine for a build.

    Attributes:
        folder: The folder.
        dockerfile: The Dockerfile, in the folder or outside of it.
        paths: Files and folders below the folder that are sent, by relative path, sorted.
    """

    folder: Path
    dockerfile: Path
    paths: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        found = (self.folder / path for path in self.paths)
        return sum(path.lstat().st_size for path in found if path.is_file())

    def key(self, *, build_args: Mapping[str, str], parents: Mapping[str, str]) -> str:
        """A text that is the same where the built image would be.

        Modes and contents of files count, times and owners do not: as in the engine's own cache.

        Args:
            build_args: Values of the Dockerfile's arguments.
            parents: The ids of the images that it builds on, by name.
        """
        digest = hashlib.sha256()
        facts = [self.dockerfile.read_text("utf-8"), sorted(build_args.items()), dict(parents)]
        digest.update(json.dumps(facts, sort_keys=True).encode())
        for name in self.paths:
            path = self.folder / name
            mode = path.lstat().st_mode
            digest.update(json.dumps([name, mode, _content(path, mode)]).encode())
        return digest.hexdigest()[:_DIGITS]


def read_context(folder: Path, dockerfile: Path) -> Context:
    """Find what is sent, by the rules of ``.dockerignore``.

    Args:
        folder: The context.
        dockerfile: The Dockerfile.
    """
    from docker.utils.build import exclude_paths  # noqa: PLC0415

    folder, dockerfile = folder.resolve(), dockerfile.resolve()
    try:
        lines = (folder / ".dockerignore").read_text("utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    inside = dockerfile.is_relative_to(folder)
    kept = str(dockerfile.relative_to(folder)) if inside else None
    # The client itself adds the Dockerfile in any case.
    found = exclude_paths(str(folder), patterns, dockerfile=kept)
    paths = sorted(path for path in map(str, found) if path and path != kept)
    return Context(folder=folder, dockerfile=dockerfile, paths=tuple(paths))


def _content(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return str(path.readlink())
    if stat.S_ISREG(mode):
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    return ""
