"""Measures comparisons of tables beside others that make them: python benchmarks/expect.py."""

from __future__ import annotations

import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
from arguments import at_least_one, kept, parser_of
from rich.console import Console
from rich.table import Table

from harness.bench.machine import describe
from harness.bench.samples import Comparison, rounds, stopwatch
from harness.errors import ExpectationError
from harness.expect import Target
from harness.expect.subject import Subject
from harness.services.protocol import Column, Sink
from harness.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROWS, CHANGED, ROUNDS = 1_000_000, 1_000, 5
PLAIN = "a full outer join in plain DuckDB that counts the differences of each column"


class _Given:
    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def read(self, _name: str) -> pa.Table:
        return self.table


def main() -> None:
    """Measure, print a table and write the facts."""
    parser = parser_of("Measure comparisons of two tables.", rounds=ROUNDS)
    parser.add_argument("--rows", type=at_least_one, default=ROWS, metavar="N")
    options = parser.parse_args()
    notes, console, began = Console(stderr=True), Console(width=130), time.monotonic()
    machine = describe(mage=load_settings(start=Path(__file__).parent).mage_version)
    found = rounds(
        _tasks(options.rows),
        count=options.rounds,
        progress=lambda line: notes.print(f"{time.monotonic() - began:6.0f} s  {line}"),
        doing=f"{options.rows:,} rows by 19 columns",
    )
    rows = [
        Comparison(name=name, against=PLAIN, values=values, references=found[PLAIN])
        for name, values in found.items()
    ]
    console.print(" · ".join(f"{name}: {value}" for name, value in machine.items()))
    console.print(_table(rows, options.rows))
    kept(options, machine=machine, rows=options.rows, measured=[row.facts() for row in rows])


def _tables(rows: int) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Trips; the same in another order; and those with some values of one column changed."""
    random = np.random.default_rng(1)
    data = {"trip_id": np.arange(rows)}
    data |= {f"whole_{at}": random.integers(0, 300, rows) for at in range(5)}
    data |= {f"price_{at}": np.round(random.random(rows) * 100, 2) for at in range(9)}
    table = pa.table(data)
    for at in range(2):
        moments = pa.array(random.integers(1_600_000_000_000_000, 1_700_000_000_000_000, rows))
        table = table.append_column(f"at_{at}", moments.cast(pa.timestamp("us")))
        texts = np.array(["N", "Y", "a rather long text"])[random.integers(0, 3, rows)]
        table = table.append_column(f"text_{at}", pa.array(texts))
    other = table.take(pa.array(random.permutation(rows)))
    prices = other["price_3"].to_numpy().copy()
    prices[:CHANGED] += 1
    return table, other, other.set_column(9, "price_3", pa.array(prices))


def _tasks(rows: int) -> list[Callable[[], Mapping[str, float]]]:
    expected, same, other = _tables(rows)
    targets = [_target(table) for table in (same, other)]
    work: dict[str, Callable[[], object]] = {
        PLAIN: lambda: _joined(expected, other),
        "equals(key=), some rows changed": lambda: targets[1].equals(expected, key="trip_id"),
        "equals(key=), equal": lambda: targets[0].equals(expected, key="trip_id"),
        "equals(), some rows changed": lambda: targets[1].equals(expected),
        "equals(), equal": lambda: targets[0].equals(expected),
        "pandas: sort both by key, DataFrame.compare": lambda: _pandas(expected, other),
    }
    if find_spec("polars"):
        work["polars: sort both by key, assert_frame_equal"] = lambda: _polars(expected, other)
    if find_spec("datacompy"):
        work["datacompy on polars"] = lambda: _datacompy(expected, other)

    def task(name: str) -> Callable[[], Mapping[str, float]]:
        def timed() -> Mapping[str, float]:
            found: dict[str, float] = {}
            with stopwatch(found, name), suppress(ExpectationError):
                work[name]()
            return found

        return timed

    return [task(name) for name in work]


def _target(table: pa.Table) -> Target:
    columns = tuple(Column(name=one.name, type=str(one.type)) for one in table.schema)
    sink = Sink(service="gcs", name="lake/trips", rows=table.num_rows, columns=columns)
    return Target(Subject(source=_Given(table), sinks=(sink,), label="GCS object lake/trips"))


def _joined(expected: pa.Table, found: pa.Table) -> list[tuple[int, ...]]:
    counts = ", ".join(
        f"count(*) FILTER (e.{name} IS DISTINCT FROM f.{name})" for name in expected.column_names
    )
    with duckdb.connect() as connection:
        connection.register("e", expected)
        connection.register("f", found)
        join = "e FULL JOIN f ON e.trip_id IS NOT DISTINCT FROM f.trip_id"
        return connection.execute(f"SELECT {counts} FROM {join}").fetchall()


def _pandas(expected: pa.Table, found: pa.Table) -> object:
    frames = [one.to_pandas().set_index("trip_id").sort_index() for one in (expected, found)]
    return frames[0].compare(frames[1])


def _polars(expected: pa.Table, found: pa.Table) -> None:
    import polars as pl  # noqa: PLC0415 - it may not be there
    from polars.testing import assert_frame_equal  # noqa: PLC0415

    with suppress(AssertionError):
        assert_frame_equal(*(pl.from_arrow(one).sort("trip_id") for one in (expected, found)))


def _datacompy(expected: pa.Table, found: pa.Table) -> str:
    import datacompy  # noqa: PLC0415 - it may not be there
    import polars as pl  # noqa: PLC0415

    frames = [pl.from_arrow(one) for one in (expected, found)]
    return datacompy.PolarsCompare(*frames, join_columns=["trip_id"]).report()


def _table(rows: list[Comparison], number: int) -> Table:
    table = Table(title=f"{number:,} rows by 19 columns", caption=f"Ratio: against {PLAIN}.")
    for name in ("measured", "median", "least", "ratio, median of rounds"):
        table.add_column(name)
    for row in rows:
        facts = row.facts()
        seconds = [f"{facts['value'][which]:.2f} s" for which in ("median", "least")]
        table.add_row(row.name, *seconds, f"{facts['ratio']['median']:.2f}")
    return table


if __name__ == "__main__":
    main()
