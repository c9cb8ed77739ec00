"""One line of a requirements file, as its author means it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from harness.project.distributions import canonical, instead_of, is_standard, is_system

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._+-]*)")
_COMMAND = re.compile(
    r"(?:[!%]\s*)?(?:RUN\s+)?(?:python3?\s+-m\s+)?pip3?\s+install\s+", re.IGNORECASE
)
_EDITABLE = re.compile(r"(?:-e|--editable)[\s=]+(?![a-z+]+://|git\+)(\S+)")
# Options of pip's that say how it goes about it, and not what is installed.
_OPTION = re.compile(
    r"(?:--(?:trusted-host|use-feature|no-cache-dir|pre|prefer-binary|upgrade|user|quiet|progress-bar"
    r"|disable-pip-version-check|use-pep517|no-build-isolation|process-dependency-links|no-deps"
    r"|root-user-action)|-U|-q)\b.*"
)
_CONDA = re.compile(r"([A-Za-z0-9][\w.-]*)=([\w.*!+]+)(?:=\w+)?")
_FILE = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\]\s*)?@\s*file:/*(/\S*)")
_PLACE = re.compile(r"\.{0,2}/\S*|\.{1,2}")
_MAGE = "mage-ai"


class Meant(NamedTuple):
    """What a line means.

    Attributes:
        text: What the resolver is given; empty where it is left out.
        why: Why it is not the line as it stands; empty where it is.
    """

    text: str
    why: str = ""


def package_of(line: str) -> str:
    """The package that a line names, as the index compares names; empty where it names none.

    Args:
        line: The line.
    """
    found = _NAME.match(line)
    return canonical(found[1]) if found else ""


def meant(line: str, *, folder: Path, version: str) -> Meant:
    """What a line means.

    Args:
        line: The line as it stands.
        folder: The folder of its file.
        version: The version of Mage that is installed besides.
    """
    plain = re.sub(r"(?:^|\s)#.*", "", line).strip()
    if not plain:
        return Meant(line)
    if command := _COMMAND.match(plain):
        inner = meant(plain[command.end() :], folder=folder, version=version)
        return Meant(inner.text, inner.why or "the command before it is none of this file")
    if plain.startswith("-"):
        return _option(line, plain)
    if _PLACE.fullmatch(plain):
        return _place(plain, folder)
    return _named(line, plain, version)


def _option(line: str, plain: str) -> Meant:
    if local := _EDITABLE.match(plain):
        why = (
            f"an editable install would write into {local[1]}; the project's own modules are found"
        )
        return Meant("", why)
    if _OPTION.fullmatch(plain):
        return Meant("", "an option that says how pip is to go about it")
    return Meant(line)


def _place(plain: str, folder: Path) -> Meant:
    path = folder / plain
    if path.is_file():
        return Meant(str(path.absolute()))
    if path.is_dir():
        return Meant("", "an install from its folder would write there; its modules are found")
    return Meant("", "there is no such file here")


def _named(line: str, plain: str, version: str) -> Meant:
    if file := _FILE.match(plain):
        there = Path(file[2]).exists()
        return Meant(line) if there else Meant(file[1], f"{file[2]} is a file of another machine")
    if conda := _CONDA.fullmatch(plain):
        pinned = f"{conda[1]}=={conda[2]}"
        inner = _package(pinned, pinned, version)
        return Meant(inner.text, inner.why or "conda writes = where pip has ==")
    return _package(line, plain, version)


def _package(line: str, plain: str, version: str) -> Meant:
    name = _NAME.match(plain)
    if name is None:
        return Meant(line)
    rest = plain[name.end() :]
    other = instead_of(name[1])
    if canonical(name[1]) == _MAGE:
        same = re.sub(r"\s", "", rest) in ("", f"=={version}")
        asked = f"Mage is installed as {version}: for another one, set `mage_version`"
        found = Meant("", "" if same else asked)
    elif is_system(name[1]) and not rest.strip():
        found = Meant("", "a package of the system, which apt installs and not pip")
    elif is_standard(name[1]):
        found = Meant("", "a module of Python's own")
    elif other is not None:
        built = canonical(name[1]) == "psycopg2"
        why = "it has to be compiled with pg_config" if built else "that is the package's name"
        found = Meant(f"{other}{rest}", why)
    else:
        found = Meant(line)
    return found
