"""The profiles of io_config.yaml that a block uses: variables, secrets and key files in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from harness.inspect.asked import ask
from harness.inspect.clients.call import Sighting
from harness.inspect.values import text
from harness.project.blockfile import is_file
from harness.project.io_config import NAME, entries
from harness.project.io_keys import MODULES
from harness.project.located import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.inspect.model import Kind, Use
    from harness.project.model import Project

_PROFILE = re.compile(r"profile ([^,]+)")
_ASKED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("environment", re.compile(r"env_var\(\s*['\"](\w+)['\"]")),
    ("secret", re.compile(r"mage_secret_var\(\s*['\"](.+?)['\"]")),
)


def from_profile(
    project: Project, uses: Iterable[Use], *, code: str = ""
) -> Iterator[tuple[Sighting, Path, int]]:
    """What the profiles ask for that clients are made with, each with file and line.

    Args:
        project: The project.
        uses: What a block uses; those by ``mage_ai.io`` say their profile.
        code: Its source: keys of these profiles that it names are read too.

    Raises:
        ProjectError: io_config.yaml cannot be read.
    """
    file = project.path / NAME
    wanted = {
        (found[1], family)
        for use in uses
        if (found := _PROFILE.search(use.detail))
        for family in MODULES.get(use.client.rpartition(".")[2], ())
    }
    if not wanted or not is_file(ask(file)):
        return
    profiles = {profile for profile, _ in wanted}
    for entry in entries(read_text(file, shown=Path(NAME))):
        named = entry.profile in profiles and re.search(rf"\b{re.escape(entry.key)}\b", code)
        if (entry.profile, entry.family) not in wanted and not named:
            continue
        for kind, pattern in _ASKED:
            for name in pattern.findall(entry.text):
                asked = Sighting(
                    kind=kind, name=text(name), access="reads", client=NAME, detail=entry.key
                )
                yield asked, Path(NAME), entry.line
        if entry.key.endswith("_FILEPATH") and "{{" not in entry.text:
            key = Sighting(
                kind="secret",
                name=text(entry.text),
                access="reads",
                client=NAME,
                detail="key file",
            )
            yield key, Path(NAME), entry.line
