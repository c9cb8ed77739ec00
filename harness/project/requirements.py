"""A project's requirements file with those that it includes, as they are meant."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.project.blockfile import is_file
from harness.project.located import read_text
from harness.project.requirement_line import meant, package_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_INCLUDE = re.compile(r"\s*(-r|--requirement|-c|--constraint)[\s=]*(?!=)(\S+)")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line.

    Attributes:
        file: The file that it stands in.
        number: Its number, counted from 1.
        written: The line as it stands.
        text: What the resolver is given for it; empty where it is left out.
        why: Why that is not the line itself.
    """

    file: Path
    number: int
    written: str
    text: str
    why: str = ""

    @property
    def place(self) -> str:
        """The file's name and the line's number."""
        return f"{self.file.name}:{self.number}"

    @property
    def note(self) -> str:
        """What is said of it where it is not given as it stands; else empty."""
        if not self.why:
            return ""
        done = f"taken as {self.text.strip()}" if self.text.strip() else "left out"
        return f"{self.place}: {self.written.strip()} is {done}: {self.why}"


def read_requirements(file: Path, *, version: str) -> tuple[str, tuple[Line, ...]]:
    """Read a requirements file and those that it includes.

    Args:
        file: The file.
        version: The version of Mage that is installed besides.

    Returns:
        The text of all files, and the lines as the resolver is given them.

    Raises:
        ProjectError: A file cannot be read, or is not there.
    """
    texts: list[str] = []
    lines = list(_lines(file, (), version=version, texts=texts))
    given = {package_of(line.text) for line in lines if line.text and not line.why}
    return "\n".join(texts), tuple(
        replace(line, text="") if line.why and package_of(line.text) in given else line
        for line in lines
    )


def _lines(
    file: Path, above: tuple[Path, ...], *, version: str, texts: list[str]
) -> Iterator[Line]:
    text = _decoded(file)
    texts.append(text)
    for number, written in enumerate(text.splitlines(), 1):
        included = _INCLUDE.match(written)
        if included is None or "://" in included[2]:
            found = meant(written, folder=file.parent, version=version)
            yield Line(file=file, number=number, written=written, text=found.text, why=found.why)
            continue
        other = file.parent / included[2]
        if other in (*above, file):
            continue
        if not is_file(other):
            raise ProjectError(
                f"{file}:{number}: there is no file {included[2]}",
                remedy="add the file, or remove the line",
            )
        if included[1] in ("-r", "--requirement"):
            yield from _lines(other, (*above, file), version=version, texts=texts)
        else:
            texts.append(_decoded(other))
            yield Line(file=file, number=number, written=written, text=f"-c {other.absolute()}")


def _decoded(file: Path) -> str:
    """The text of a file, which editors of Windows write in forms of their own."""
    try:
        raw = file.read_bytes()
    except OSError:
        return read_text(file)
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace").replace("\r\n", "\n")
    if raw[1:2] == b"\0":
        return raw.decode("utf-16-le", "replace").replace("\r\n", "\n")
    return read_text(file)
