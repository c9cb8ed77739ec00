"""A project's Dockerfile: where it is, and the instructions in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from harness.errors import SettingsError
from harness.project.blockfile import is_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.project.model import Project
    from harness.settings import Settings

_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)")


class Instruction(NamedTuple):
    """One instruction.

    Attributes:
        word: Its word, in capitals.
        rest: What follows, its lines joined.
        line: Where it begins, counted from 1.
    """

    word: str
    rest: str
    line: int


def dockerfile_of(settings: Settings, project: Project) -> Path | None:
    """The project's own Dockerfile, or None where it has none.

    Args:
        settings: The settings.
        project: The project.

    Raises:
        SettingsError: The Dockerfile that the settings name is not there.
    """
    named = settings.dockerfile
    if named is not None:
        if not is_file(named):
            raise SettingsError(
                f"there is no Dockerfile {named}",
                remedy="correct the setting `dockerfile`, or leave it out to use the project's",
            )
        return named
    for place in (project.path, project.path.parent):
        if is_file(place / "Dockerfile"):
            return place / "Dockerfile"
    return None


def instructions(text: str) -> Iterator[Instruction]:
    """The instructions of a Dockerfile, in order.

    Args:
        text: The Dockerfile.
    """
    escape = "\\"
    held = ""
    began = 0
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare.startswith("#") or not bare:
            directive = _DIRECTIVE.fullmatch(bare)
            if directive and directive[1].lower() == "escape":
                escape = directive[2]
            continue
        began = began if held else number
        if bare.endswith(escape):
            held += bare[:-1] + " "
            continue
        word, _, rest = (held + bare).partition(" ")
        held = ""
        yield Instruction(word.upper(), " ".join(rest.split()), began)
