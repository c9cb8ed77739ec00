"""Measures the containers beside the embedded services: python benchmarks/stack.py."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from arguments import kept, parser_of
from machine import describe
from provider_costs import READY, Row, compare_providers, engine_facts
from rich.console import Console
from rich.table import Table

from harness.settings import load_settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

PROVIDERS = ("docker", "embedded")
ROUNDS, QUICK = 7, 2
GOALS = {"docker": 2.5, "embedded": 1.0}
"""Seconds within which all services shall be ready, on two cores that do nothing else."""


def main() -> None:
    """Measure, print a table and write the facts."""
    options = _options()
    providers = (options.only,) if options.only else PROVIDERS
    # Progress must not end up in a table that is redirected to a file.
    notes, console = Console(stderr=True), Console(width=150)
    began = time.monotonic()

    def progress(line: str) -> None:
        notes.print(f"{time.monotonic() - began:6.0f} s  {line}", highlight=False, markup=False)

    settings = {
        name: load_settings(start=Path(__file__).parent, options={"provider": name})
        for name in providers
    }
    machine = describe(mage=settings[providers[0]].mage_version)
    if "docker" in settings:
        machine |= engine_facts()
    rows = compare_providers(settings, count=options.rounds, progress=progress)
    console.print(" · ".join(f"{name}: {value}" for name, value in machine.items()))
    console.print(_table(rows, providers, rounds=options.rounds))
    ready = next(row for row in rows if row.name == READY)
    for name in providers:
        console.print(_goal(ready.values[name], name), highlight=False)
    kept(
        options,
        machine=machine,
        rounds=options.rounds,
        measured=[row.facts() for row in rows],
    )


def _options() -> argparse.Namespace:
    parser = parser_of(
        "Measure the services in containers beside the embedded ones.", rounds=ROUNDS
    )
    parser.add_argument("--only", choices=PROVIDERS, help="measure one provider by itself")
    parser.add_argument(
        "--quick",
        action="store_const",
        dest="rounds",
        const=QUICK,
        help=f"the same as --rounds {QUICK}",
    )
    return parser.parse_args()


def _table(rows: Sequence[Row], providers: Sequence[str], *, rounds: int) -> Table:
    table = Table(
        title=f"Medians of {rounds} rounds, in brackets the least and the most",
        caption="Ratios are taken within each round. Whoever else keeps the machine busy makes "
        "times longer, never shorter: the least says most of the harness itself.",
    )
    table.add_column("measured")
    for name in (*providers, *([" : ".join(providers)] if len(providers) > 1 else [])):
        table.add_column(name, justify="right")
    for row in rows:
        cells = [_spread(row.values.get(name, ()), row.unit) for name in providers]
        if len(providers) > 1:
            cells.append(_spread(row.ratios(*providers), "x"))
        table.add_row(row.name, *cells)
    return table


def _spread(values: Sequence[float], unit: str) -> str:
    if not values:
        return ""
    middle, least, most = (f"{each:.2f}" for each in (median(values), min(values), max(values)))
    return f"{middle} {unit} ({least} to {most})"


def _goal(seconds: Sequence[float], provider: str) -> str:
    goal = GOALS[provider]
    within = sum(one < goal for one in seconds)
    return (
        f"{provider}: all services are to be ready in under {goal} s; best {min(seconds):.2f} s, "
        f"median {median(seconds):.2f} s, {within} of {len(seconds)} rounds within it"
    )


if __name__ == "__main__":
    main()
