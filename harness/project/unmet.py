"""Requirements that cannot be met together: which lines they are, and what to write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.project.distributions import canonical, likely
from harness.project.requirement_line import package_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.project.requirements import Line

_MAGE = "mage-ai"
_SPEC = r"[A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?(?:[<>=!~][^\s]*)?"
_DEPENDS = re.compile(rf"({_SPEC}) depends? on ({_SPEC})")
_REQUIRED = re.compile(rf"you require ({_SPEC})(?: and ({_SPEC}))?")
_NO_PACKAGE = re.compile(r"Because (\S+) was not found in the (?:package registry|provided)")
_NO_VERSION = re.compile(rf"[Tt]?here (?:is|are) (?:no|only .*) versions? of ({_SPEC})")


def unmet(said: str, lines: Iterable[Line]) -> ProjectError | None:
    """The error behind what the resolver said, with the lines that it is about.

    Args:
        said: What uv wrote.
        lines: The project's requirements.

    Returns:
        The error; None where no line of the project is seen in it.
    """
    text = " ".join(said.split())
    by_package = {package_of(line.text): line for line in lines if line.text.strip()}
    absent = _NO_PACKAGE.search(text)
    if absent is not None:
        return _no_package(absent[1].strip("`,"), by_package.get(canonical(absent[1])))
    conflict = _conflict(text, by_package)
    if conflict is not None:
        return conflict
    version = _NO_VERSION.search(text)
    line = by_package.get(_package(version[1])) if version is not None else None
    if line is None:
        return None
    return ProjectError(
        f"{line.place}: there is no version that fits {line.text.strip()}",
        cause="the index has none, or none for this Python",
        remedy=f"correct line {line.number} of {line.file.name}; `pip index versions "
        f"{package_of(line.text)}` lists those that there are",
    )


def unbuilt(said: str, lines: Iterable[Line]) -> Line | None:
    """The line of a package that could not be built, or None.

    Args:
        said: What uv wrote.
        lines: The project's requirements.
    """
    found = re.search(r"Failed to build `?([A-Za-z0-9][\w.-]*?)(?:==|`|\s|$)", said)
    if found is None:
        return None
    return next((line for line in lines if package_of(line.text) == canonical(found[1])), None)


def unread(said: str, lines: Iterable[Line]) -> Line | None:
    """The line that is no requirement, or None.

    Args:
        said: What uv wrote; it repeats the line.
        lines: The project's requirements.
    """
    repeated = {one.strip() for one in said.splitlines()}
    return next((line for line in lines if line.text.strip() in repeated - {""}), None)


def _no_package(name: str, line: Line | None) -> ProjectError:
    near = likely(name)
    where = f"{line.place}: " if line is not None else ""
    meant = f"write {' or '.join(near)} in its place, or remove the line" if near else ""
    return ProjectError(
        f"{where}there is no package {name}",
        cause="the package index does not know the name",
        evidence=[line.written.strip()] if line is not None else [],
        remedy=meant or "correct the name, or remove the line",
    )


def _conflict(text: str, by_package: dict[str, Line]) -> ProjectError | None:
    needs = list(dict.fromkeys(_DEPENDS.findall(text)))
    required = [one for pair in _REQUIRED.findall(text) for one in pair if one]
    named = [*(_package(who) for who, _ in needs), *map(_package, required)]
    mine = [by_package[one] for one in dict.fromkeys(named) if one in by_package]
    if not mine or not needs:
        return None
    own = [f"{line.place}: {line.written.strip()}" for line in mine]
    theirs = [f"{who.rstrip(',')} asks for {what.rstrip('.,')}" for who, what in needs]
    direct = next(
        (
            (line, what.rstrip(".,"))
            for line in mine
            for who, what in needs
            if _package(who) == _MAGE and _package(what) == package_of(line.text)
        ),
        None,
    )
    change = (
        f"write {_tidy(direct[1])} in line {direct[0].number} of {direct[0].file.name}"
        if direct is not None
        else f"change line {_numbers(mine)} of {mine[0].file.name}"
    )
    return ProjectError(
        "the project's requirements and Mage cannot be installed together",
        cause="these ask for versions that exclude each other",
        evidence=[*own, *theirs],
        remedy=f"{change}, or set `mage_version` to the version of Mage that it is made for",
    )


def _package(spec: str) -> str:
    return package_of(re.split(r"[<>=!~\[]", spec, maxsplit=1)[0])


def _tidy(spec: str) -> str:
    """A range without the pre-release that uv writes for what is excluded."""
    return re.sub(r"\.dev0\b", "", spec)


def _numbers(lines: Sequence[Line]) -> str:
    return " or ".join(str(line.number) for line in lines)
