"""Where contracts are kept, and how they get there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.contracts.schema import FILE_NAME, schema_text
from harness.errors import InputError
from harness.machine.space import FULL, explained

if TYPE_CHECKING:
    from harness.settings import Settings

_ENDING = ".yaml"
_MODE = 0o644


def contracts_folder(settings: Settings) -> Path:
    """The folder of the project's contracts; it need not exist."""
    return settings.contracts or settings.fixtures / "contracts"


def contract_file(settings: Settings, pipeline: str) -> Path:
    """The contract of a pipeline; it need not exist."""
    return contracts_folder(settings) / f"{pipeline}{_ENDING}"


def shown(file: Path) -> str:
    """A contract's file for a reader: from the current folder where it is below that."""
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def keep(file: Path, text: str) -> None:
    """Write a contract whole or not at all, and the schema for editors beside it.

    Args:
        file: Where it goes; its folder is made.
        text: The contract.

    Raises:
        EnvironmentNotAbleError: There is no room.
        InputError: The folder cannot be written.
    """
    with explained(file.parent, doing="writing the contract"):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            _put(file, text)
            schema = file.parent / FILE_NAME
            if not schema.exists() or schema.read_text("utf-8") != schema_text():
                _put(schema, schema_text())
        except OSError as error:
            if error.errno in FULL:
                raise
            raise InputError(
                f"{shown(file)} cannot be written",
                cause=str(error),
                remedy="give yourself the right to write there, or name another folder by the"
                " setting `contracts`",
            ) from error


def _put(file: Path, text: str) -> None:
    """A reader finds the old content or the new, whenever it looks."""
    number, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).chmod(_MODE)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink()
        raise
