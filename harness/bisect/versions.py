"""The released versions of Mage or of one library between a good one and a bad one."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.bisect.candidates import Answer, Candidate
from harness.errors import InputError
from harness.project.distributions import canonical
from harness.project.pinned import pinned
from harness.project.releases import newest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from harness.machine.guardian import Guardian
    from harness.settings import Settings

MAGE = "mage-ai"
_PREFIX = "mage-harness-"
_RANGE = re.compile(r"([0-9A-Za-z.+!_-]+?)\.\.([0-9A-Za-z.+!_-]+)")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_TOLD_EACH = 10


class Versions:
    """Releases that the package index has for the Python that Mage runs on, oldest first.

    Where the good one is the newer one, the newest first. Their order is uv's, and the index is
    the one that uv is set up for, so that what is found can be installed.

    Args:
        settings: How the pipeline is run.
        package: The package's name.
        span: ``GOOD..BAD``.
        guardian: Who clears up.
        progress: Told in a line what goes on.

    Raises:
        InputError: There is no such package, version or span, or versions cannot be varied here.
        EnvironmentNotAbleError: The index does not answer.
    """

    noun = "version"

    def __init__(
        self,
        settings: Settings,
        *,
        package: str,
        span: str,
        guardian: Guardian,
        progress: Callable[[str], None],
    ) -> None:
        if not _NAME.fullmatch(package):
            raise InputError(
                f"{package!r} is no name of a package", remedy="write --package NAME==A..B"
            )
        if settings.provider == "docker":
            raise InputError(
                "versions cannot be varied in containers",
                cause="what Mage's image holds is said by its Dockerfile",
                remedy="use --provider embedded",
            )
        self._package = canonical(package)
        # An interpreter that is given has one version of each package.
        self._settings = settings.model_copy(update={"mage_python": None})
        self._guardian = guardian
        folder = guardian.make_folder(prefix=_PREFIX)
        try:
            index = _Index(self._package, settings=settings, folder=folder)
            self.all: Sequence[Candidate] = [
                Candidate(name=one, shown=f"{self._package} {one}")
                for one in _between(index, *_ends(span), progress=progress)
            ]
        finally:
            guardian.delete(folder)

    @contextmanager
    def at(self, candidate: Candidate) -> Iterator[Settings]:
        """The settings with another version, whose environment is made when a run needs it.

        Args:
            candidate: The version.

        Raises:
            InputError: The project's requirements cannot be read.
        """
        if self._package == MAGE:
            yield self._settings.model_copy(update={"mage_version": candidate.name})
            return
        folder = self._guardian.make_folder(prefix=_PREFIX)
        try:
            yield pinned(self._settings, self._package, candidate.name, folder=folder)
        finally:
            self._guardian.delete(folder)

    def answer(self, _before: Candidate, _first: Candidate) -> Answer:
        """Nothing but its name is known of a release."""
        return Answer()


class _Index:
    """What uv finds of one package in its index."""

    def __init__(self, package: str, *, settings: Settings, folder: Path) -> None:
        self._package = package
        self._python = settings.python
        self._folder = folder

    def newest(self, condition: str) -> str | None:
        """The newest version that meets a condition; None if there is none.

        Args:
            condition: Such as ``>=1.0,<2.0``.
        """
        try:
            return newest(
                self._package,
                condition,
                python=self._python,
                folder=self._folder,
                progress=_silent,
            )
        except InputError:
            return None


def _ends(span: str) -> tuple[str, str]:
    found = _RANGE.fullmatch(span)
    if found is None:
        raise InputError(
            f"{span!r} is no span of versions",
            remedy="write the good one, two dots and the bad one, such as 0.9.70..0.9.80",
        )
    return found[1], found[2]


def _between(
    index: _Index, good: str, bad: str, *, progress: Callable[[str], None]
) -> Sequence[str]:
    ends = []
    for version in (good, bad):
        one = index.newest(f"=={version}")
        if one is None:
            raise InputError(
                f"there is no version {version} for the Python that Mage runs on",
                cause="the package index that uv is set up for has none",
                remedy="name a released version, or set `python` to one that it is made for",
            )
        ends.append(one)
    first, last = ends
    if first == last:
        raise InputError(
            "the good and the bad version are the same", remedy="name two, such as 0.9.70..0.9.80"
        )
    down = list(_down(index, first, last, progress=progress))
    # Nothing lies between neighbours, nor from a newer one up to an older one.
    up = [] if down else list(_down(index, last, first, progress=progress))
    return [first, *reversed(down), *up, last]


def _down(index: _Index, low: str, high: str, *, progress: Callable[[str], None]) -> Iterator[str]:
    """The versions between two, the newest first."""
    found, top = 0, high
    while (one := index.newest(f">={low},!={low},<{top}")) is not None:
        found, top = found + 1, one
        if found % _TOLD_EACH == 0:
            progress(f"{found} versions so far, down to {one}")
        yield one


def _silent(_line: str) -> None:
    return
