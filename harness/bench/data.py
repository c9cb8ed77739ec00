"""A month of trips through the harness and without: what it adds where the work is the data."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.bench.month import PIPELINE, ROWS, TABLE, month_project, with_passengers
from harness.bench.own import settings_of
from harness.bench.peaks import Meter
from harness.bench.runs import PLAIN, named, plain, processor
from harness.bench.samples import Comparison, rounds, stopwatch
from harness.rerun.expect import SessionExpect
from harness.running.asked import Asked
from harness.running.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.bench.samples import Task
    from harness.settings import Settings

WALL_GOAL = 1.03
"""Of the plain run's time."""
MEMORY_GOAL = 1.1
"""Of the plain run's memory."""


def compare_data(
    settings: Settings,
    *,
    count: int,
    progress: Callable[[str], None],
    rows: int = ROWS,
) -> list[Comparison]:
    """A cold run with its verdict and expectations beside the bare ``mage run``.

    Args:
        settings: Those of the project; its Mage is taken.
        count: Rounds that are counted.
        progress: Told in a line what is being done.
        rows: How many trips; a multiple of 130.
    """
    progress(f"a month of {rows:,} trips is written")
    with tempfile.TemporaryDirectory(prefix="mage-harness-bench-") as name:
        own = settings_of(month_project(Path(name), rows=rows), settings)
        # Mage's memory is seen where its process is one of this machine's.
        cold = own.model_copy(update={"runner": "cold", "provider": "embedded"})
        with Session(cold, progress=progress) as session:
            session.stack.start()
            meter = Meter()
            tasks = [
                named("harness", _held(session, meter, rows=rows)),
                named("plain", _plain(session, meter)),
            ]
            values = rounds(tasks, count=count, progress=progress, doing=f"{rows:,} trips")
    label = f"{rows:,} trips to PostgreSQL"
    return [
        Comparison(
            name=f"{label}: {name}",
            against=PLAIN,
            values=values[f"harness {key}"],
            references=values[f"plain {other}"],
            unit=unit,
            ratio_goal=goal,
        )
        for name, key, other, unit, goal in (
            ("a cold run, verdict and expectations", "wall", "wall", "s", WALL_GOAL),
            ("the same, processor time", "cpu", "cpu", "s", None),
            ("its memory, and the harness's growth", "both", "children", "MB", MEMORY_GOAL),
            ("the harness's growth alone", "grown", "children", "MB", None),
        )
    ]


def _held(session: Session, meter: Meter, *, rows: int) -> Task:
    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        session.reset()
        with (
            meter.peaks(found),
            stopwatch(found, "wall"),
            processor(found, "cpu", apart=lambda: meter.spent),
        ):
            run = session.run(PIPELINE, asked=Asked(inventory=True))
            run.require_success()
            trips = SessionExpect(session).table(TABLE)
            trips.rows(with_passengers(rows))
            trips.column("passenger_count").no_nulls().between(1, 6)
        return found

    return task


def _plain(session: Session, meter: Meter) -> Task:
    bare = plain(session, PIPELINE, apart=lambda: meter.spent)

    def task() -> Mapping[str, float]:
        found: dict[str, float] = {}
        with meter.peaks(found):
            times = bare()
        return {**found, "wall": times["plain"], "cpu": times["plain cpu"]}

    return task
