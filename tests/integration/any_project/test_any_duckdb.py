"""Database files of DuckDB, by Mage's client, an SQL block and a connection of a block's own."""

from __future__ import annotations

import pytest

from harness.expect import Expect

pytestmark = pytest.mark.slow


def test_what_a_run_leaves_in_files_is_found(run, stack):
    done = run("any_duckdb", "files")
    done.require_success()
    expect = Expect(duckdb=lambda: stack.service("duckdb"))
    trips = expect.duckdb("taxi.duckdb", "trips")
    trips.rows(3).schema({"n": "bigint", "label": "text"})
    trips.column("n").between(1, 3)
    zones = expect.duckdb("/home/src/data/warehouse.duckdb", "main.zones")
    zones.equals(trips)
    totals = expect.duckdb("/home/src/data/warehouse.duckdb", "main.totals").arrow()
    assert totals["trips"].to_pylist() == [3]
