"""What ``mage-harness record`` refuses before anything runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.project.reader import read_project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.settings import Settings


def check_cassette(folder: Path, *, settings: Settings, pipeline: str, replace: bool) -> None:
    """Refuse a cassette that could not be written, before anything runs.

    Args:
        folder: The cassette's folder.
        settings: With the project and where its fixtures are.
        pipeline: The pipeline to record.
        replace: Whether one that is there already is recorded anew.

    Raises:
        InputError: There is no such pipeline, or no cassette can be there.
    """
    read_project(settings.project).pipeline(pipeline)
    if folder.parent.resolve() != (settings.fixtures / "http").resolve():
        raise InputError(
            f"{folder.name!r} is no name for a cassette",
            remedy="give a plain name, such as --name taxi",
        )
    if folder.name.startswith("."):
        raise InputError(
            f"{folder.name!r} is no name for a cassette",
            cause="a hidden folder is not played",
            remedy="give a plain name, such as --name taxi",
        )
    if os.path.lexists(folder) and not replace:
        raise InputError(
            f"there is a cassette already: {folder}",
            remedy="record it anew with --replace, or give another with --name",
        )
    _refuse_foreign(folder)
    place = next(place for place in folder.parents if place.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        raise InputError(
            f"{place} cannot be written", remedy="give yourself the right to write there"
        )


def check_headers(names: Sequence[str]) -> None:
    """Refuse to match a header that no recording holds.

    Args:
        names: The headers to match.

    Raises:
        InputError: One is a secret.
    """
    from harness.replay.secrecy import is_secret  # noqa: PLC0415

    for name in names:
        if is_secret(name):
            raise InputError(
                f"--match-header {name}: it is a secret",
                cause="it is taken out of what is saved, so that no request could bring it",
                remedy="match another header, or none",
            )


def _refuse_foreign(folder: Path) -> None:
    """Refuse to replace a folder that holds more than the cassette."""
    from harness.replay.cassette import foreign  # noqa: PLC0415

    others = foreign(folder)
    if others:
        raise InputError(
            f"{folder} is not replaced: it holds more than a cassette",
            evidence=[str(other) for other in others[:5]],
            remedy="move these elsewhere, or give the cassette another name with --name",
        )
