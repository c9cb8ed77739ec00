"""Growth of single runs: with the pipelines of a project, its blocks, and its rows."""

from __future__ import annotations

import resource
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from growth_series import (
    MEGABYTES,
    OWN,
    SECONDS,
    Series,
    children_peak,
    forget_peak,
    named,
    peak,
    through_harness,
    timed,
    worked,
)

from harness.bench.runs import plain
from harness.bench.sized import TABLE, sized_project
from harness.project.lint import lint
from harness.project.reader import read_project
from harness.rerun.expect import SessionExpect
from harness.running.session import Session
from harness.selection.looking import Looking
from harness.services.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.settings import Settings

MAGE = "plain `mage run`"
_LINE = "line_0"
_ONE = "a warm run of one pipeline"
_MANY_ROWS = 1_000_000
_DEADLINE = 900.0


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What all axes have in common.

    Attributes:
        settings: Of the project whose environment is taken.
        folder: For the projects that are made.
        rounds: How many count for each size.
        progress: Told in a line what is being done.
    """

    settings: Settings
    folder: Path
    rounds: int
    progress: Callable[[str], None]

    def of(self, project: Path, *, runner: str = "warm") -> Settings:
        """Settings for a project that was made, in the environment of the user's."""
        return self.settings.model_copy(
            update={
                "project": project,
                "fixtures": self.folder / "none",
                "contracts": None,
                "requirements": self.requirements,
                "env": {},
                "env_file": None,
                "needs": {},
                "runner": runner,
                "deadline": _DEADLINE,
            }
        )

    @property
    def requirements(self) -> Path | None:
        """The packages of Mage's environment, as the user's project names them."""
        own = self.settings.requirements or self.settings.project / "requirements.txt"
        return own if own.is_file() else None

    def sized(self, **size: int) -> Path:
        """A project of some size."""
        return sized_project(self.folder, **size)


def pipelines(bench: Bench, sizes: Sequence[int]) -> Series:
    """Projects of so many pipelines, three blocks each: a look at all, and a run of one."""
    series = Series()
    with Stack(bench.settings) as stack:
        for size in sizes:
            project = bench.sized(pipelines=size, blocks=3)
            with Session(bench.of(project), stack=stack, progress=bench.progress) as session:
                session.run(_LINE)
                _looks(bench, project)
                for number in range(bench.rounds):
                    bench.progress(f"{size} pipelines: round {number + 1} of {bench.rounds}")
                    found = _looks(bench, project)
                    found |= through_harness(session, _LINE, how=_ONE, own=f"{OWN} of it")[1]
                    series.add(size, found)
    return series


def _looks(bench: Bench, folder: Path) -> dict[str, float]:
    program = Path(sysconfig.get_path("scripts")) / "mage-harness"
    listing = [str(program), "list", "--project", str(folder)]
    project = read_project(folder)
    looking = Looking(project, settings=bench.of(folder))
    found = {
        "reading the project": lambda: read_project(folder),
        "linting it": lambda: lint(project),
        "what each pipeline depends on": lambda: [
            looking.inputs(one.uuid, given={}) for one in project.pipelines
        ],
    }
    seconds = {named(f"{name}, processor", SECONDS): worked(call) for name, call in found.items()}
    listed = timed(lambda: subprocess.run(listing, check=True, capture_output=True))
    return {**seconds, named("`mage-harness list`", SECONDS): listed}


def blocks(bench: Bench, sizes: Sequence[int]) -> Series:
    """A pipeline of so many blocks in a row."""
    series = Series()
    with Stack(bench.settings) as stack:
        for size in sizes:
            _runs(bench, stack, series, size=size, project=bench.sized(blocks=size))
    return series


def rows(bench: Bench, sizes: Sequence[int]) -> Series:
    """A loader that hands so many rows of three columns to an exporter to PostgreSQL."""
    series = Series()
    with Stack(bench.settings) as stack:
        for size in sizes:
            project = bench.sized(blocks=1, rows=size, writes=True)
            _runs(bench, stack, series, size=size, project=project, written=size)
    return series


def _runs(
    bench: Bench, stack: Stack, series: Series, *, size: int, project: Path, written: int = 0
) -> None:
    """Add rounds of a plain run, a cold and a warm one; the first of all is not counted."""
    counted = 1 if written > _MANY_ROWS else bench.rounds
    with (
        Session(bench.of(project, runner="cold"), stack=stack, progress=bench.progress) as cold,
        Session(bench.of(project), stack=stack, progress=bench.progress) as warm,
    ):
        if not series.values:
            plain(cold, _LINE)()
            if warm.run(_LINE).ok and written:
                _asked(warm, written)
        for number in range(counted):
            bench.progress(f"size {size:,}: round {number + 1} of {counted}")
            series.add(size, _plain(cold, word=project.name))
            series.add(size, through_harness(cold, _LINE, how="through the harness, cold")[1])
            run, found = through_harness(warm, _LINE, how="through the harness, warm", own=OWN)
            series.add(size, found)
            if run.sinks:
                series.add(size, _asked(warm, written))


def _plain(session: Session, *, word: str) -> dict[str, float]:
    found: dict[str, float] = {}
    before = _ended_children()
    with children_peak(found, f"{MAGE}, peak memory", word=word):
        seconds = plain(session, _LINE)()["plain"]
    used = _ended_children() - before
    return {named(MAGE, SECONDS): seconds, named(f"{MAGE}, processor", SECONDS): used, **found}


def _ended_children() -> float:
    """Seconds of the processor that children took which have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def _asked(session: Session, written: int) -> dict[str, float]:
    """What a test asks of the rows that a run has written."""
    expect = SessionExpect(session)
    forget_peak()
    found = {
        "an inventory of all services": session.stack.inventory,
        "`rows(n)` of the table": lambda: expect.table(TABLE).rows(written),
        "`column(...).no_nulls().unique()` of it": lambda: (
            expect.table(TABLE).column("id").no_nulls().unique()
        ),
    }
    seconds = {named(name, SECONDS): timed(call) for name, call in found.items()}
    return {**seconds, named(f"{OWN} of the expectations, peak memory", MEGABYTES): peak()}
