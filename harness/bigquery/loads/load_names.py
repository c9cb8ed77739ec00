"""Names of columns in files that are no names of columns in a table.

Source: "columnNameCharacterMap" in JobConfigurationLoad of the REST reference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.field_names import is_plain, normalized
from harness.bigquery.loads.load_formats import ROWS_OF_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MAPS = ("COLUMN_NAME_CHARACTER_MAP_UNSPECIFIED", "STRICT", "V1", "V2")


def check_names(configuration: Mapping[str, Any]) -> None:
    """Refuse a map that is none, or that the stub does not do.

    Raises:
        ApiError: It is one.
    """
    given = configuration.get("columnNameCharacterMap") or _MAPS[0]
    if given not in _MAPS:
        raise ApiError("invalid", f"Invalid value for columnNameCharacterMap: {given}")
    kind = str(configuration.get("sourceFormat") or "CSV").upper()
    if given in ("STRICT", "V2") and kind in ROWS_OF_TEXT and configuration.get("autodetect"):
        raise UnsupportedError(f"columnNameCharacterMap {given} with autodetect")


def takes_flexible(configuration: Mapping[str, Any]) -> bool:
    """Whether columns of a file may have names beyond letters, numbers and underscores."""
    return configuration.get("columnNameCharacterMap") in ("STRICT", "V2")


def names_of(names: Sequence[str], configuration: Mapping[str, Any]) -> list[str]:
    """The names that columns of a file get."""
    given = configuration.get("columnNameCharacterMap")
    if given == "V2":
        return [normalized(name) for name in names]
    if given != "V1" or all(map(is_plain, names)):
        return list(names)
    replaced = [re.sub(r"[^A-Za-z0-9_]", "_", name) for name in names]
    return [f"_{name}" if name[:1].isdigit() or not name else name for name in replaced]
