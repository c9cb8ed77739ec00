"""The names by which a project's blocks import its own modules, where the folder has another."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)\.(\w+)", re.MULTILINE)


def link_import_names(copy: Path) -> tuple[str, ...]:
    """Make the project known by further names, such as ``default_repo``, beside its folder.

    The image calls the project what its author chose when it was started, which no file need say.
    Installed packages go before such a name.

    Args:
        copy: The workspace's copy of the project.

    Returns:
        The names that were made.
    """
    names = tuple(dict.fromkeys(_names(copy)))
    for name in names:
        (copy.parent / name).symlink_to(copy.name)
    return names


def _names(copy: Path) -> Iterator[str]:
    for file in sorted(copy.rglob("*.py")):
        for first, second in _IMPORT.findall(file.read_text("utf-8", "replace")):
            known = first == copy.name or first in sys.stdlib_module_names
            own = (copy / second).is_dir() or (copy / f"{second}.py").is_file()
            if own and not known and not _there(copy, first):
                yield first


def _there(copy: Path, name: str) -> bool:
    return any(place.exists() for place in (copy / name, copy / f"{name}.py", copy.parent / name))
