"""From a block's declaration to the file that Mage reads its code from.

Follows ``Block.file_path``, ``DBTBlockSQL.file_path`` and ``add_absolute_path`` of mage-ai 0.9.80
(data_preparation/models/block/__init__.py, .../dbt/block_sql.py, shared/path_fixer.py).
"""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

EXTENSIONS = {"markdown": "md", "python": "py", "r": "r", "sql": "sql", "yaml": "yaml"}


def block_file(
    root: Path,
    *,
    uuid: str,
    kind: str,
    language: str,
    configuration: Mapping[str, Any],
    platform: bool = False,
) -> Path | None:
    """The file of a block's code, whether or not it is there.

    Args:
        root: The project's folder.
        uuid: The block's uuid.
        kind: The block's type.
        language: The block's language.
        configuration: The block's configuration.
        platform: Whether the project is a platform of several, where ``file_source`` counts.

    Returns:
        The file relative to the project, absolute where it is outside of it; None where Mage needs
        none (a global data product) or cannot name one (an unknown language, a dbt model without a
        path).
    """
    if kind == "global_data_product":
        return None
    written = _written(configuration, platform=platform)
    if written:
        return _relative(root, _located(root, written))
    extension = EXTENSIONS.get(language)
    if extension is None or (kind == "dbt" and language != "yaml"):
        return None
    folder = kind if kind == "custom" else f"{kind}s"
    return Path(folder) / f"{uuid}.{extension}"


def is_file(path: Path) -> bool:
    """Whether there is a file; False for a name that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _written(configuration: Mapping[str, Any], *, platform: bool) -> str:
    source = configuration.get("file_source")
    if platform and isinstance(source, dict) and isinstance(source.get("path"), str):
        return str(source["path"])
    path = configuration.get("file_path")
    return path if isinstance(path, str) else ""


def _located(root: Path, written: str) -> Path:
    path = PurePath(written)
    if path.is_absolute():
        return Path(path)
    if path.parts[:1] == (root.name,):
        return root.joinpath(*path.parts[1:])
    if _exists(root / path.parts[0]) if path.parts else False:
        return root / path
    if path.parts and _exists(root / "dbt" / path.parts[0]):
        return root / "dbt" / path
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            if os.path.join(folder, name).endswith(written):  # noqa: PTH118
                return Path(folder) / name
    return root / path


def _relative(root: Path, path: Path) -> Path:
    plain = Path(os.path.normpath(path))
    return plain.relative_to(root) if plain.is_relative_to(root) else plain


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
