"""Which recordings, mapped files and seeds a pipeline's run can have to do with."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from harness.replay.cassette import INDEX, load_all
from harness.replay.urls import masked, normalised
from harness.seeds.reader import read_seeds
from harness.selection.digest import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from harness.inspect.model import Inspection
    from harness.replay.recording import Recording
    from harness.seeds.reader import Seed
    from harness.settings import Settings

_HOLE = re.compile(r"\{[^{}]*\}")


class Fixtures:
    """The fixtures of a project; each file is read once, however many pipelines ask.

    Args:
        settings: The settings.
        digest: Gives a file's digest.
    """

    def __init__(self, settings: Settings, *, digest: Callable[[Path], str]) -> None:
        self._settings = settings
        self._digest = digest

    def parts(self, inspection: Inspection) -> Iterator[tuple[str, str]]:
        """Names and digests of what is given to a pipeline.

        A cassette counts as a whole, since one answer may lead to another. A pipeline whose source
        cannot be followed to the end may ask for anything: all is given to it.

        Args:
            inspection: What is seen in the source of the pipeline.

        Raises:
            CassetteError: A cassette cannot be read.
            InputError: A seed is not right.
        """
        blind = is_blind(inspection)
        asks = _asks(inspection, everything=blind)
        home = self._settings.fixtures.parent
        for cassette, urls in self._cassettes.items():
            if any(map(asks, urls)):
                for file in filter(Path.is_file, sorted(cassette.iterdir())):
                    yield file.relative_to(home).as_posix(), self._digest(file)
        for url, file in self._settings.files.items():
            if asks(url):
                yield f"the file for {masked(url)}", self._digest(file)
        for seed in self._seeds:
            if blind or seed.service in inspection.services:
                content = [self._digest(seed.file), dict(seed.stored)]
                yield seed.file.relative_to(home).as_posix(), digest_of(content)

    @cached_property
    def _cassettes(self) -> Mapping[Path, Sequence[str]]:
        recordings = load_all(self._settings.fixtures / "http")
        return {
            cassette: [recording.url for recording in group]
            for cassette, group in groupby(recordings, key=_cassette)
        }

    @cached_property
    def _seeds(self) -> tuple[Seed, ...]:
        return read_seeds(self._settings.fixtures / "seeds")


def _cassette(recording: Recording) -> Path:
    return Path(recording.source.rpartition(f"{INDEX}, ")[0])


def is_blind(inspection: Inspection) -> bool:
    """Whether there is code that could not be followed, beside names that only a run knows.

    Args:
        inspection: What is seen in the source.
    """
    holes = {(use.block, use.file, use.line) for use in inspection.uses if use.pattern}
    return any((one.block, one.file, one.line) not in holes for one in inspection.unknown)


def _asks(inspection: Inspection, *, everything: bool) -> Callable[[str], bool]:
    """Whether a pipeline may ask for a URL; what it appends to one that is written counts."""
    if everything:
        return lambda _url: True
    patterns = [
        re.compile(".*".join(map(re.escape, _HOLE.split(_plain(use.name)))))
        for use in inspection.of("url")
    ]
    return lambda url: any(pattern.match(_plain(url)) for pattern in patterns)


def _plain(url: str) -> str:
    return normalised(url).partition("://")[2].partition("?")[0]
