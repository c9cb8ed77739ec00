"""What a project's Dockerfile installs by pip, beside the requirements file."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from harness.project.blockfile import is_file
from harness.project.dockerfile import instructions
from harness.project.located import read_text
from harness.project.requirement_line import meant, package_of
from harness.project.requirements import Line, read_requirements

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from harness.project.dockerfile import Instruction

# A Dockerfile of something else may lie beside a project.
_OF_MAGE = re.compile(r"\bmage[-_]?ai\b|\bMAGE_IMAGE\b", re.IGNORECASE)
_PIP = re.compile(r"(?:.*/)?pip[0-9.]*")
_VALUED = re.compile(
    r"-[cift]|--(?:constraint|index-url|extra-index-url|find-links|target|trusted-host|prefix|root"
    r"|timeout|retries|progress-bar|cache-dir|config-settings|platform|python-version|only-binary"
    r"|no-binary|use-feature|proxy|src|upgrade-strategy|root-user-action)"
)
_FILE_OPTIONS = ("-r", "--requirement", "--requirements")
_REDIRECTION = re.compile(r"[<>]+&?")
_TOOLS = frozenset(("pip", "setuptools", "wheel", "uv"))


def read_installs(
    file: Path, *, folders: Sequence[Path], known: Path | None, version: str
) -> tuple[Line, ...]:
    """The packages that a Dockerfile's ``RUN pip install`` names, and those of files it names.

    Args:
        file: The Dockerfile.
        folders: Where a requirements file that it names is looked for, by its name alone: where
            the build copies it to is known to the engine.
        known: The requirements file that is read anyway.
        version: The version of Mage that is installed besides.

    Returns:
        A line a package, as the resolver is given it; none where the image is not Mage's.

    Raises:
        ProjectError: The Dockerfile cannot be read.
    """
    stage: list[Instruction] = []
    for one in instructions(read_text(file)):
        stage = [one] if one.word == "FROM" else [*stage, one]
    if not any(_OF_MAGE.search(one.rest) for one in stage if one.word in ("FROM", "RUN")):
        return ()
    lines: list[Line] = []
    for one in stage:
        for words in _installs(one):
            for word, is_requirements in _named(words):
                if not is_requirements:
                    lines += _line(word, one.line, file=file, version=version)
                elif other := _found(word, folders):
                    lines += read_requirements(other, version=version)[1] if other != known else ()
    return tuple(lines)


def _line(word: str, number: int, *, file: Path, version: str) -> list[Line]:
    if package_of(word) in _TOOLS:
        return []
    if "$" in word:
        return [
            Line(file=file, number=number, written=word, text="", why="a variable of the build")
        ]
    found = meant(word, folder=file.parent, version=version)
    return [Line(file=file, number=number, written=word, text=found.text, why=found.why)]


def _installs(one: Instruction) -> Iterator[list[str]]:
    """The words behind each ``pip install`` of an instruction."""
    if one.word != "RUN":
        return
    try:
        words = json.loads(one.rest) if one.rest.startswith("[") else _shell_words(one.rest)
    except ValueError:
        return
    command: list[str] = []
    for word in [*words, ";"]:
        if word.strip(";&|()"):
            command.append(word)
            continue
        pip = next((at for at, text in enumerate(command) if _PIP.fullmatch(text)), None)
        if pip is not None and "install" in command[pip + 1 : pip + 4]:
            yield command[command.index("install", pip) + 1 :]
        command = []


def _shell_words(text: str) -> list[str]:
    shell = shlex.shlex(text, posix=True, punctuation_chars=True)
    shell.whitespace_split = True
    shell.commenters = ""
    return list(shell)


def _named(words: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """What pip is told to install, and whether that is a file of requirements."""
    left = iter(words)
    for word in left:
        option, _, value = word.partition("=")
        if word in _FILE_OPTIONS:
            yield next(left, ""), True
        elif option in _FILE_OPTIONS:
            yield value, True
        elif _VALUED.fullmatch(word) or _REDIRECTION.fullmatch(word):
            next(left, "")
        elif not word.startswith("-"):
            yield word, False


def _found(name: str, folders: Collection[Path]) -> Path | None:
    paths = (folder / PurePosixPath(name).name for folder in folders)
    return next((path for path in paths if is_file(path)), None)
