"""Measures the BigQuery stub beside DuckDB alone and bqemulator: python benchmarks/bigquery.py."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import bigquery_work as work
from arguments import kept, parser_of
from bigquery_data import write_trips
from bigquery_servers import OTHER, OURS, install
from rich.console import Console
from rich.table import Table
from rows import Row

from harness.bench.machine import describe
from harness.bench.samples import facts, rounds

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

ROUNDS, QUICK = 5, 1
QUERIES, FEW = 10_000, 1_000
CACHE = Path.home() / ".cache" / "mage-harness" / "benchmarks" / "bqemulator-1.4.0"
_NAMES = (
    work.FIRST,
    work.QUERY,
    work.P50,
    work.P99,
    work.LOAD,
    work.READ,
    work.RAW,
    work.MADE,
    work.REST,
)
_UNITS = {work.P50: "ms", work.P99: "ms", work.MEMORY: "MB"}
GOALS: Mapping[str, float] = {work.FIRST: 0.3, work.P50: 5.0}
"""Seconds and milliseconds, on two cores that do nothing else."""
LOAD_RATIO = 1.5
"""Times DuckDB alone that a load, and reading back, are to take at most."""


def main() -> None:
    """Measure, print a table and write the facts."""
    options = _options()
    # Progress must not end up in a table that is redirected to a file.
    notes, console = Console(stderr=True), Console(width=150)
    began = time.monotonic()

    def progress(line: str) -> None:
        notes.print(f"{time.monotonic() - began:6.0f} s  {line}", highlight=False, markup=False)

    machine = describe(mage="none")
    programs = None if options.alone else install(options.bqemulator, progress=progress)
    servers = (OURS,) if programs is None else (OURS, OTHER)
    with tempfile.TemporaryDirectory(prefix="mage-harness-bench-") as folder:
        trips = Path(folder) / "trips.parquet"
        write_trips(trips)
        tasks = [
            *(lambda name=name: work.serve(name, trips, programs=programs) for name in servers),
            lambda: work.alone(trips),
            lambda: {f"kept: {what}": value for what, value in work.kept(trips).items()},
        ]
        found = rounds(tasks, count=options.rounds, progress=progress, doing="servers")
    progress(f"{options.queries:,} queries")
    endured = work.endure(count=options.queries)
    rows = _rows(found, servers)
    console.print(" · ".join(f"{name}: {value}" for name, value in machine.items()))
    console.print(_table(rows, servers, rounds=options.rounds))
    for line in (*_goals(rows), *_endured(endured), *_kept(found)):
        console.print(line, highlight=False)
    kept(
        options,
        machine=machine,
        rounds=options.rounds,
        measured=[row.facts() for row in rows],
        endured=endured,
        kept={name: facts(found[name]) for name in found if name.startswith("kept: ")},
    )


def _options() -> argparse.Namespace:
    parser = parser_of("Measure the BigQuery stub.", rounds=ROUNDS)
    parser.add_argument("--alone", action="store_true", help="without bqemulator")
    parser.add_argument(
        "--bqemulator", type=Path, default=CACHE, metavar="DIR", help="where it is installed"
    )
    parser.add_argument(
        "--quick", action="store_true", help=f"{QUICK} round and {FEW:,} queries in a row"
    )
    options = parser.parse_args()
    options.queries = FEW if options.quick else QUERIES
    options.rounds = QUICK if options.quick else options.rounds
    return options


def _rows(found: Mapping[str, Sequence[float]], servers: Sequence[str]) -> list[Row]:
    places = (*servers, work.DUCKDB)
    return [
        Row(
            name=name,
            values={place: found[key] for place in places if (key := f"{place}: {name}") in found},
            unit=_UNITS.get(name, "s"),
        )
        for name in (*_NAMES, work.SERIALISED, work.MEMORY)
    ]


def _table(rows: Sequence[Row], servers: Sequence[str], *, rounds: int) -> Table:
    table = Table(
        title=f"Medians of {rounds} rounds, in brackets the least and the most",
        caption="Ratios are taken within each round. Whoever else keeps the machine busy makes "
        "times longer, never shorter.",
    )
    others = [*servers[1:], work.DUCKDB]
    table.add_column("measured")
    for name in (*servers, work.DUCKDB, *(f"{OURS} : {one}" for one in others)):
        table.add_column(name, justify="right")
    for row in rows:
        cells = [_spread(row.values.get(one, ()), row.unit) for one in (*servers, work.DUCKDB)]
        cells += [_spread(row.ratios(OURS, one), "x") for one in others]
        table.add_row(row.name, *cells)
    return table


def _spread(values: Sequence[float], unit: str) -> str:
    if not values:
        return ""
    form = "{:.0f}" if unit == "MB" else "{:.2f}"
    middle, least, most = (form.format(one) for one in (median(values), min(values), max(values)))
    return f"{middle} {unit} ({least} to {most})"


def _goals(rows: Sequence[Row]) -> list[str]:
    lines = []
    for row in rows:
        if row.name in GOALS:
            best, middle = min(row.values[OURS]), median(row.values[OURS])
            lines.append(
                f"{row.name}: under {GOALS[row.name]} {row.unit} is the goal; "
                f"best {best:.2f}, median {middle:.2f}"
            )
        if row.name in {work.LOAD, work.READ}:
            ratios = row.ratios(OURS, work.DUCKDB) or [float("nan")]
            lines.append(
                f"{row.name}: {LOAD_RATIO} times DuckDB alone is the goal; "
                f"best {min(ratios):.2f}, median {median(ratios):.2f}"
            )
    return lines


def _endured(endured: Mapping[str, Any]) -> list[str]:
    first, last = endured["tenths"][0], endured["tenths"][-1]
    line = (
        f"{endured['queries']:,} queries in a row, first and last tenth: "
        f"p50 {first['p50']:.2f} and {last['p50']:.2f} ms, "
        f"p99 {first['p99']:.2f} and {last['p99']:.2f} ms, "
        f"memory {first['memory']:.0f} and {last['memory']:.0f} MB"
    )
    return [line]


def _kept(found: Mapping[str, Sequence[float]]) -> list[str]:
    return [
        f"{name.removeprefix('kept: ')}: {_spread([one * 1000 for one in values], 'ms')}"
        for name, values in found.items()
        if name.startswith("kept: ")
    ]


if __name__ == "__main__":
    main()
