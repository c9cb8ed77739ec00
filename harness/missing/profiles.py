"""Profiles that blocks name and that the project's io_config.yaml has not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.errors import ProjectError
from harness.project.blockfile import is_file
from harness.project.io_config import NAME, profile_names
from harness.project.located import read_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.inspect.model import Use
    from harness.project.model import Project

_PROFILE = re.compile(r"\bprofile ([^\s,{}]+)")


def absent_profiles(project: Project, uses: Sequence[Use]) -> dict[str, Use]:
    """The profiles that are not there, each with the first block that names it.

    A project without the file gets one with all of them; one whose file is published with less than
    the author's own does not, since nobody can tell one that was left out from a misspelt one.

    Args:
        project: The project.
        uses: What a pipeline's source names.
    """
    file = project.path / NAME
    there = _names(file) if is_file(file) else None
    if there is None:
        return {}
    found: dict[str, Use] = {}
    for use in uses:
        for name in _PROFILE.findall(use.detail) if use.client.startswith("mage_ai.io") else ():
            if name not in there:
                found.setdefault(name, use)
    return found


def _names(file: Path) -> list[str] | None:
    try:
        return profile_names(read_text(file))
    except ProjectError:
        # The run itself tells what is wrong with the file.
        return None
