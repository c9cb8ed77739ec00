"""The recordings that answered a run, and the files that stood for URLs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from harness.replay.cassette import INDEX, load
from harness.replay.library import Library
from harness.replay.urls import normalised

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from harness.replay.journal import Exchange
    from harness.settings import Settings

FIXTURES, FILES = "fixtures", "files"
CASSETTES = f"{FIXTURES}/http"


def keep_cassettes(fixtures: Path, asked: Collection[Exchange], folder: Path) -> None:
    """Copy the cassettes that have a recording of something that was asked for.

    Args:
        fixtures: The project's folder of cassettes.
        asked: What the run asked for.
        folder: Where to, each by its path below the project's folder.
    """
    for index in sorted(fixtures.rglob(INDEX)):
        place = index.parent.relative_to(fixtures)
        if not any(part.startswith(".") for part in place.parts) and _used(index.parent, asked):
            for file in _files_of(index.parent):
                target = folder / place / file.relative_to(index.parent.resolve())
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copyfile(file, target)


def keep_files(settings: Settings, asked: Collection[Exchange], folder: Path) -> dict[str, str]:
    """Copy the files that stood for URLs which were asked for.

    Args:
        settings: With the files.
        asked: What the run asked for.
        folder: Where to, which is made.

    Returns:
        For each URL, the file's name in the folder.
    """
    urls = {normalised(one.url) for one in asked}
    used = [(url, file) for url, file in settings.files.items() if normalised(url) in urls]
    named = {}
    for number, (url, file) in enumerate(used):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        named[url] = f"{number:03}-{file.name}"
        shutil.copyfile(file, folder / named[url])
    return named


def _used(cassette: Path, asked: Collection[Exchange]) -> bool:
    library = Library(load(cassette))
    methods = {"HEAD": ("HEAD", "GET")}
    return any(
        library.alike(method, one.url)
        for one in asked
        for method in methods.get(one.method.upper(), (one.method,))
    )


def _files_of(cassette: Path) -> Iterator[Path]:
    folder = cassette.resolve()
    yield folder / INDEX
    named = set()
    for one in load(cassette):
        named |= {file.resolve() for file in (one.body, one.request.body) if file is not None}
    yield from sorted(file for file in named if file.is_relative_to(folder))
