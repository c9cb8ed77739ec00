"""What reads and samples tables asks the harness's own DuckDB, which fetches nothing."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from harness.record.tabular import shrink
from harness.sources import bigquery_table
from harness.sources.secret_columns import secret_columns

ROWS = pa.table({"n": [1, 2, 3]})


@pytest.fixture
def asked(monkeypatch):
    """The configuration of each database that is opened."""
    seen, connect = [], duckdb.connect

    def recorded(*arguments, config=None, **more):
        seen.append(config or {})
        return connect(*arguments, config=config or {}, **more)

    monkeypatch.setattr(duckdb, "connect", recorded)
    return seen


@pytest.mark.parametrize(
    "work",
    [
        lambda _: shrink(b"n\n1\n2\n3\n", format="csv", count=1),
        lambda file: secret_columns(file, "csv"),
        lambda _: bigquery_table.sampled(ROWS, count=1),
        lambda _: bigquery_table.same(ROWS, ROWS),
    ],
    ids=["bodies", "columns", "samples", "proofs"],
)
def test_no_extension_comes_from_the_web(asked, tmp_path, work):
    file = tmp_path / "a.csv"
    file.write_text("password\nx\n")
    work(file)
    assert [one["autoinstall_known_extensions"] for one in asked] == [False]
