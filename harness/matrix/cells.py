"""The cells: the settings of each, and its environment or why there is none."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from harness.errors import EnvironmentNotAbleError, HarnessError, InputError
from harness.matrix.axes import MAGE, condition, is_open
from harness.project.environment import ensure_environment
from harness.project.pinned import pinned
from harness.project.reader import read_project
from harness.project.releases import newest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from harness.matrix.axes import Wanted
    from harness.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One set of versions that pipelines run on.

    Attributes:
        name: What it is called.
        settings: How pipelines are run in it.
        mage: The version of Mage.
        packages: Versions of the packages that were asked for.
        made: Seconds that its environment took; 0 where it was there.
        unable: Why it cannot be had, the symptom first; empty where it can.
    """

    name: str
    settings: Settings
    mage: str
    packages: tuple[tuple[str, str], ...] = ()
    made: float = 0.0
    unable: tuple[str, ...] = ()


class Cells:
    """Makes the cells of a project, each environment once for all times.

    Args:
        settings: How pipelines are run, but for the versions.
        folder: A private folder for requirements.
        progress: Told in a line what is made.

    Raises:
        InputError: Versions cannot be varied here.
    """

    def __init__(
        self, settings: Settings, *, folder: Path, progress: Callable[[str], None]
    ) -> None:
        if settings.provider == "docker":
            raise InputError(
                "versions cannot be varied in containers",
                cause="what Mage's image holds is said by its Dockerfile",
                remedy="use --provider embedded",
            )
        # An interpreter that is given has one version of each package.
        self._settings = settings.model_copy(update={"mage_python": None})
        self._project = read_project(settings.project)
        self._folder = folder
        self._progress = progress

    def of(self, asked: Sequence[Wanted], *, baseline: str | None) -> list[Cell]:
        """The cells, the baseline first.

        Args:
            asked: What each is to have.
            baseline: The name of the cell that others are compared with; None for the first that
                can be had.

        Raises:
            InputError: There is no such cell, or no such release.
            EnvironmentNotAbleError: The baseline cannot be had, or no cell can.
        """
        closed = list({one.name: one for one in map(self._closed, asked)}.values())
        ordered = _first(baseline, closed)
        cells: list[Cell] = []
        first: Cell | None = None
        for one in ordered:
            last = baseline is not None or one is ordered[-1]
            cells.append(self._cell(one, needed=first is None and last))
            first = first or (None if cells[-1].unable else cells[-1])
        return sorted(cells, key=lambda cell: cell is not first)

    def _closed(self, asked: Wanted) -> Wanted:
        """What is asked for with the newest release where several would do."""
        return replace(
            asked,
            mage=self._release(MAGE, asked.mage, asked.python),
            packages=tuple(
                (name, self._release(name, version, asked.python))
                for name, version in asked.packages
            ),
        )

    def _release(self, package: str, version: str, python: str) -> str:
        if not is_open(version):
            return version
        return newest(
            package,
            condition(version),
            python=python,
            folder=self._folder,
            progress=self._progress,
        )

    def _cell(self, asked: Wanted, *, needed: bool) -> Cell:
        settings = self._settings.model_copy(
            update={"mage_version": asked.mage, "python": asked.python}
        )
        cell = Cell(name=asked.name, settings=settings, mage=asked.mage, packages=asked.packages)
        began = time.monotonic()
        try:
            settings = self._pinned(settings, asked.packages)
            made = ensure_environment(settings, self._project, progress=self._told(asked.name))
        except HarnessError as error:
            if needed:
                raise EnvironmentNotAbleError(
                    f"a baseline cannot be had, {asked.name}: {error.symptom}",
                    cause=error.cause,
                    evidence=error.evidence,
                    remedy=error.remedy,
                ) from error
            return replace(cell, unable=tuple(_why(error)))
        took = time.monotonic() - began if made.made else 0.0
        return replace(cell, settings=settings, mage=made.version, made=took)

    def _pinned(self, settings: Settings, packages: Iterable[tuple[str, str]]) -> Settings:
        for name, version in packages:
            # Each cell's own, which is read again when it runs.
            folder = Path(mkdtemp(dir=self._folder))
            settings = pinned(settings, name, version, folder=folder)
        return settings

    def _told(self, name: str) -> Callable[[str], None]:
        return lambda line: self._progress(f"{name}: {line}")


def _first(baseline: str | None, asked: Sequence[Wanted]) -> list[Wanted]:
    names = [one.name for one in asked]
    if baseline is None:
        return list(asked)
    if baseline not in names:
        raise InputError(
            f"there is no cell {baseline!r}",
            evidence=[f"cell: {name}" for name in names],
            remedy="name one of these with --baseline",
        )
    return sorted(asked, key=lambda one: one.name != baseline)


def _why(error: HarnessError) -> list[str]:
    return [line for line in (error.symptom, error.cause, *error.evidence) if line]
