"""A build's context: the files that are sent, and the key that stands for all of it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import IO, TYPE_CHECKING, cast

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from docker.utils.build import Pattern, PatternMatcher

_DIGITS = 24
_IGNORED = ".dockerignore"
_OUTSIDE = ".dockerfile.mage-harness"
"""What a Dockerfile from outside of the context is called in it."""


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

    @property
    def dockerfile_name(self) -> str:
        """What the Dockerfile is called in the archive."""
        if self.dockerfile.is_relative_to(self.folder):
            return str(self.dockerfile.relative_to(self.folder))
        return _OUTSIDE

    def archive(self) -> IO[bytes]:
        """What is sent, as a tar file that goes when it is closed.

        Raises:
            InputError: A file in it cannot be read.
        """
        from docker.utils.build import create_archive  # noqa: PLC0415

        name = self.dockerfile_name
        more = []
        if name == _OUTSIDE:
            # The engine leaves out what is named there before it copies.
            ignored = self.folder / _IGNORED
            lines = ignored.read_text("utf-8") if ignored.is_file() else _IGNORED
            more = [(_IGNORED, f"{lines}\n{name}\n"), (name, self.dockerfile.read_text("utf-8"))]
        files = [*self.paths, *([] if more else [name])]
        with _readable(self.folder):
            return cast(
                "IO[bytes]",
                create_archive(str(self.folder), sorted(files), extra_files=more),
            )

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

    Raises:
        InputError: A folder in it cannot be read.
    """
    from docker.utils.build import PatternMatcher  # noqa: PLC0415

    folder, dockerfile = folder.resolve(), dockerfile.resolve()
    try:
        lines = (folder / _IGNORED).read_text("utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    inside = dockerfile.is_relative_to(folder)
    kept = str(dockerfile.relative_to(folder)) if inside else None
    found = _walk(folder, "", PatternMatcher(patterns))
    paths = sorted(path for path in found if path != kept)
    return Context(folder=folder, dockerfile=dockerfile, paths=tuple(paths))


def _walk(folder: Path, below: str, matcher: PatternMatcher) -> Iterator[str]:
    # The client's own walk passes over folders that only an exception with a wildcard leads into,
    # such as !*/requirements.txt after *; BuildKit looks into them.
    with _readable(folder / below), os.scandir(folder / below) as entries:
        for entry in entries:
            path = f"{below}/{entry.name}" if below else entry.name
            left_out = matcher.matches(path)  # type: ignore[arg-type] # text, whatever the stub says
            if not left_out:
                yield path
            if entry.is_dir(follow_symlinks=False) and (
                not left_out or any(_leads_into(path, each) for each in matcher.patterns)
            ):
                yield from _walk(folder, path, matcher)


def _leads_into(path: str, pattern: Pattern) -> bool:
    """Whether a pattern is an exception that may hold for something in a folder."""
    parts = path.split("/")
    first = pattern.dirs[: len(parts)]
    if not pattern.exclusion or (len(pattern.dirs) <= len(parts) and "**" not in pattern.dirs):
        return False
    return "**" in first or all(map(fnmatchcase, parts, first))


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise InputError(
            f"{error.filename or path} cannot be read, and the image's build would need it",
            cause=f"user {os.getuid()} has no permission",
            remedy=f"name it in the file {_IGNORED} beside the Dockerfile, where the image does "
            "not need it; or give this user permission to read it",
        ) from error


def _content(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return str(path.readlink())
    if stat.S_ISREG(mode):
        with _readable(path), path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    return ""
