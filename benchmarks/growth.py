"""How costs grow with the work: python benchmarks/growth.py [--quick] [--only AXIS].

It measures, keeps all values in docs/growth/figures.json, draws docs/growth/*.svg and writes the
tables of docs/growth.md. ``--quick`` is for trial, and ``--into FOLDER`` puts all of it elsewhere.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import growth_runs
import growth_suites
from arguments import at_least_one
from growth_page import with_table
from growth_plot import draw
from growth_runs import Bench
from rich.console import Console

from harness.bench.machine import describe
from harness.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from growth_series import Series

DOCS = Path(__file__).parent.parent / "docs"
_MILLION = 1_000_000
_SIZES = {
    "pipelines": (1, 3, 10, 30, 100),
    "blocks": (1, 5, 20, 50, 100, 200),
    "rows": (10_000, 100_000, _MILLION, 10 * _MILLION),
    "tests": (1, 10, 50, 150, 500),
    "workers": (1, 2, 4, 8),
}
_QUICK = {
    "pipelines": (1, 10),
    "blocks": (1, 10),
    "rows": (1_000, 10_000),
    "tests": (1, 5),
    "workers": (1, 2),
}
_SHARED, _SHARED_QUICK = 48, 6


def main() -> None:
    """Measure, keep, draw and write."""
    parser = argparse.ArgumentParser(description="Measure how costs grow with the work.")
    parser.add_argument("--quick", action="store_true", help="small sizes and one round, for trial")
    parser.add_argument("--only", action="append", choices=sorted(_SIZES), help="this axis only")
    parser.add_argument("--into", type=Path, default=DOCS, metavar="FOLDER", help="not docs/")
    parser.add_argument("--most", type=at_least_one, metavar="N", help="no size above this")
    parser.add_argument("--rounds", type=at_least_one, default=3, metavar="N", help="default: 3")
    options = parser.parse_args()
    notes, began = Console(stderr=True), time.monotonic()

    def progress(line: str) -> None:
        notes.print(f"{time.monotonic() - began:6.0f} s  {line}", highlight=False, markup=False)

    settings = load_settings(start=DOCS.parent)
    machine = describe(mage=settings.mage_version)
    axes = _axes(tests=_SHARED_QUICK if options.quick else _SHARED)
    with tempfile.TemporaryDirectory(prefix="mage-harness-growth-") as name:
        bench = Bench(
            settings=settings,
            folder=Path(name),
            rounds=1 if options.quick else options.rounds,
            progress=progress,
        )
        for axis in options.only or _SIZES:
            progress(axis)
            sizes = (_QUICK if options.quick else _SIZES)[axis]
            sizes = tuple(size for size in sizes if size <= (options.most or size))
            _keep(axis, axes[axis](bench, sizes), machine=machine, into=options.into)
    progress(f"written: {options.into / 'growth.md'}")


def _keep(axis: str, series: Series, *, machine: Mapping[str, object], into: Path) -> None:
    """Write what was found, beside what is known of the other axes."""
    folder, page = into / "growth", into / "growth.md"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "figures.json"
    facts = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    facts[axis] = {"machine": machine, "values": series.facts()}
    file.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    draw(axis, series, folder / f"{axis}.svg")
    page_now = page if page.is_file() else DOCS / page.name
    page.write_text(with_table(page_now.read_text("utf-8"), axis, series, machine), "utf-8")


def _axes(*, tests: int) -> dict[str, Callable[[Bench, Sequence[int]], Series]]:
    return {
        "pipelines": growth_runs.pipelines,
        "blocks": growth_runs.blocks,
        "rows": growth_runs.rows,
        "tests": growth_suites.tests,
        "workers": partial(growth_suites.workers, of=tests),
    }


if __name__ == "__main__":
    main()
