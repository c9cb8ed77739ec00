"""Measures recorded HTTP beside VCR.py: python benchmarks/replay.py."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import replay_work as work
from arguments import kept, parser_of
from rich.console import Console
from rich.table import Table
from rows import Row

from harness.bench.machine import describe
from harness.bench.samples import rounds

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

ROUNDS, QUICK = 5, 1
REQUESTS = 500
CACHE = Path.home() / ".cache" / "mage-harness" / "benchmarks" / "vcrpy-9.4.2"
_UNITS = {
    work.START_CPU: "s",
    **dict.fromkeys((work.SMALL_CPU, work.P50, work.P99, work.FRESH), "ms"),
    **dict.fromkeys((work.BY_REQUESTS50, work.BY_REQUESTS99), "ms"),
    **dict.fromkeys((work.LARGE, work.LARGE_BY_REQUESTS, work.HUGE), "MB/s"),
    **dict.fromkeys((work.MEMORY, work.GROWTH), "MB"),
}
_NAMES = (work.START, *_UNITS)
GOALS: Mapping[str, str] = {
    work.START: "under 0.7 s",
    work.P50: "under 3 ms",
    work.P99: "under 3 ms",
    work.LARGE: "no less than 150 MB/s",
    work.GROWTH: "flat",
}
"""On two cores that do nothing else."""


def main() -> None:
    """Measure, print a table and write the facts."""
    options = _options()
    # Progress must not end up in a table that is redirected to a file.
    notes, console = Console(stderr=True), Console(width=150)
    began = time.monotonic()

    def progress(line: str) -> None:
        notes.print(f"{time.monotonic() - began:6.0f} s  {line}", highlight=False, markup=False)

    machine = describe(mage="none")
    python = None if options.alone else work.install(options.vcr, progress=progress)
    places = (work.OURS,) if python is None else (work.OURS, work.VCR)
    client = python or Path(sys.executable)
    with tempfile.TemporaryDirectory(prefix="mage-harness-bench-") as folder:
        material = work.Material(Path(folder))
        tasks = [lambda: work.ours(material, python=client, count=REQUESTS)]
        if python is not None:
            work.record_vcr(material, python=client)
            tasks.append(lambda: work.vcr(material, python=client, count=REQUESTS))
        found = rounds(tasks, count=options.rounds, progress=progress, doing="replay")
    rows = [
        Row(
            name=name,
            values={place: found[key] for place in places if (key := f"{place}: {name}") in found},
            unit=_UNITS.get(name, "s"),
        )
        for name in _NAMES
    ]
    console.print(" · ".join(f"{name}: {value}" for name, value in machine.items()))
    console.print(_table(rows, places, rounds=options.rounds))
    kept(
        options,
        machine=machine,
        rounds=options.rounds,
        measured=[row.facts() for row in rows],
    )


def _options() -> argparse.Namespace:
    parser = parser_of("Measure recorded HTTP.", rounds=ROUNDS)
    parser.add_argument("--alone", action="store_true", help="without VCR.py")
    parser.add_argument(
        "--vcr", type=Path, default=CACHE, metavar="DIR", help="where VCR.py is installed"
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} round")
    options = parser.parse_args()
    options.rounds = QUICK if options.quick else options.rounds
    return options


def _table(rows: Sequence[Row], places: Sequence[str], *, rounds: int) -> Table:
    table = Table(
        title=f"Medians of {rounds} rounds, in brackets the least and the most",
        caption="Ratios are taken within each round. VCR.py answers within the client's process, "
        "without a connection.",
    )
    table.add_column("measured")
    for name in (*places, *(f"{work.OURS} : {one}" for one in places[1:]), "goal"):
        table.add_column(name, justify="right")
    for row in rows:
        cells = [_spread(row.values.get(one, ()), row.unit) for one in places]
        cells += [_spread(row.ratios(work.OURS, one), "x") for one in places[1:]]
        table.add_row(row.name, *cells, GOALS.get(row.name, ""))
    return table


def _spread(values: Sequence[float], unit: str) -> str:
    if not values:
        return ""
    form = "{:.0f}" if unit in ("MB", "MB/s") else "{:.2f}"
    middle, least, most = (form.format(one) for one in (median(values), min(values), max(values)))
    return f"{middle} {unit} ({least} to {most})"


if __name__ == "__main__":
    main()
