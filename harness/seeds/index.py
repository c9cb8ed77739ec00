"""The index of recorded seeds: what came from where, when, and how much of it."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

INDEX = "index.yaml"


def read_index(folder: Path) -> list[dict[str, Any]]:
    """The entries of an index, each of one file: ``seed`` is its path below the folder.

    Args:
        folder: The folder of seeds; it need not have an index.

    Raises:
        InputError: The index cannot be read.
    """
    file = folder / INDEX
    if not file.is_file():
        return []
    try:
        entries = YAML(typ="safe").load(file.read_text("utf-8")) or []
    except (YAMLError, UnicodeDecodeError) as error:
        raise _refused(file, str(error)) from error
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("seed"), str) for entry in entries
    ):
        raise _refused(file, "it is no list of entries that each have a seed")
    return entries


def write_index(folder: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Write an index, in the order of the files.

    Args:
        folder: The folder of seeds.
        entries: The entries.
    """
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=2, offset=0)
    new = folder / f".{secrets.token_hex(8)}.new"
    try:
        with new.open("w", encoding="utf-8") as stream:
            stream.write("# Recorded by: mage-harness record --sources\n")
            yaml.dump(sorted(map(dict, entries), key=lambda entry: str(entry["seed"])), stream)
        new.replace(folder / INDEX)
    finally:
        new.unlink(missing_ok=True)


def digest_of(file: Path) -> str:
    """The sha256 of a file, in hexadecimal.

    Args:
        file: The file.
    """
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _refused(file: Path, cause: str) -> InputError:
    return InputError(
        f"{file} cannot be read",
        cause=cause,
        remedy="restore it, or delete it and record the seeds anew with --replace",
    )
