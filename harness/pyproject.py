"""The table ``[tool.mage-harness]`` of a ``pyproject.toml``, and the paths in settings."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATHS = (
    *("project", "fixtures", "contracts", "env_file"),
    *("mage_python", "cache", "requirements", "dockerfile"),
)


def find(start: Path) -> Path | None:
    """The nearest ``pyproject.toml`` that has such a table, or None.

    Args:
        start: The folder from which it is looked for, upwards.

    Raises:
        SettingsError: One cannot be read.
    """
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file() and table_of(file):
            return file
    return None


def table_of(file: Path) -> dict[str, Any]:
    """The table as it is written; empty where there is none.

    Args:
        file: A ``pyproject.toml``.

    Raises:
        SettingsError: It is not valid TOML, or the table is none.
    """
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{file} is not valid TOML",
            cause=str(error),
            remedy="save it as UTF-8 and as valid TOML, or run from another folder",
        ) from error
    tools = content.get("tool", {})
    table = tools.get("mage-harness", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise SettingsError(
            f"tool.mage-harness in {file} is not a table",
            cause=f"it is {table!r}",
            remedy="write [tool.mage-harness], and below it name = value",
        )
    return dict(table)


def anchored(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Make relative paths relative to the place that they were written in.

    Args:
        values: Settings by name.
        folder: That place.
    """
    found = dict(values)
    for name in _PATHS:
        if isinstance(found.get(name), str | Path) and found[name] != "":
            found[name] = Path(os.path.normpath(folder / Path(found[name]).expanduser()))
    if isinstance(found.get("files"), dict):
        found["files"] = {
            url: Path(os.path.normpath(folder / path)) for url, path in found["files"].items()
        }
    return found
