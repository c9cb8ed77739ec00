"""Measures the harness against what it replaces: python benchmarks/run.py [--json FILE]."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from arguments import kept, parser_of
from footprint import compare_footprints
from machine import describe
from mage_runs import compare_runs
from rich.console import Console
from rich.table import Table
from stacks import compare_stacks

from harness.project.environment import ensure_environment
from harness.project.reader import read_project
from harness.settings import load_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from samples import Comparison

PARTS = ("runs", "services", "memory")


def main() -> None:
    """Measure, print a table and write the facts."""
    options = _options()
    # Progress must not end up in a table that is redirected to a file.
    notes, console = Console(stderr=True), Console(width=190)
    began = time.monotonic()

    def progress(line: str) -> None:
        notes.print(f"{time.monotonic() - began:6.0f} s  {line}", highlight=False, markup=False)

    settings = load_settings(start=Path(__file__).parent)
    mage = ensure_environment(settings, read_project(settings.project), progress=progress)
    machine = describe(mage=mage.version)
    found: list[Comparison] = []
    if "runs" in options.parts:
        found += compare_runs(settings, count=options.rounds, progress=progress)
    if "services" in options.parts:
        found += compare_stacks(settings, count=options.rounds, progress=progress)
    if "memory" in options.parts:
        found += compare_footprints(count=options.rounds, progress=progress)
    console.print(" · ".join(f"{name}: {value}" for name, value in machine.items()))
    console.print(_table(found, rounds=options.rounds))
    kept(
        options,
        machine=machine,
        rounds=options.rounds,
        comparisons=[one.facts() for one in found],
    )


def _options() -> argparse.Namespace:
    parser = parser_of("Measure the harness against what it replaces.", rounds=5)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)}; all if none"
    )
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    options.parts = options.parts or PARTS
    return options


def _table(found: Sequence[Comparison], *, rounds: int) -> Table:
    table = Table(
        title=f"Medians of {rounds} rounds, in brackets the least and the most",
        caption="Difference and ratio are taken within each round.",
    )
    for heading in ("measured", "against", "value", "reference", "difference", "ratio"):
        table.add_column(heading, justify="left" if heading in {"measured", "against"} else "right")
    for one in found:
        table.add_row(
            one.name,
            one.against,
            _spread(one.values, one.unit),
            _spread(one.references, one.unit),
            _spread(one.differences, one.unit),
            _spread(one.ratios, "x"),
        )
    return table


def _spread(values: Sequence[float], unit: str) -> str:
    form = "{:.0f}" if unit == "MB" else "{:.2f}"
    middle, least, most = (form.format(each) for each in (median(values), min(values), max(values)))
    return f"{middle} {unit} ({least} to {most})"


if __name__ == "__main__":
    main()
