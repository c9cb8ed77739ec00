"""A bundle that would be too large loses data, the state after the run first, and says so."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.bundle.bounds import bound
from harness.bundle.manifest import schema
from harness.bundle.names import refused
from harness.errors import InputError

ROOT = Path(__file__).parents[3]
ROWS = b"0123456789abcdef0123456789abcdef\n" * 40_000


@pytest.fixture
def folder(tmp_path):
    for moment in ("before", "after"):
        place = tmp_path / "state" / moment
        (place / "postgres").mkdir(parents=True)
        (place / "postgres" / "0000-public-t.copy").write_bytes(ROWS)
        (place / "services" / "bigquery").mkdir(parents=True)
        table = pa.table({"n": range(20_000), "b": [os.urandom(30) for _ in range(20_000)]})
        pq.write_table(table, place / "services" / "bigquery" / "d.t.parquet")
        (place / "services" / "gcs" / "lake").mkdir(parents=True)
        (place / "services" / "gcs" / "lake" / "x.copy").write_bytes(os.urandom(300_000))
    (tmp_path / "run.json").write_bytes(b"{}")
    return tmp_path


def total(folder):
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def test_what_fits_stays(folder):
    size = total(folder)
    assert bound(folder, mib=100) == []
    assert total(folder) == size


def test_the_state_after_the_run_is_cut_first(folder):
    left = bound(folder, mib=4)
    assert [one.what for one in left] == ["state/after/postgres/0000-public-t.copy"]
    assert "the first 10,000 rows" in left[0].why
    after = folder / "state" / "after" / "postgres" / "0000-public-t.copy"
    assert after.read_bytes() == ROWS[: 33 * 10_000]


def test_all_data_can_go_but_nothing_else(folder):
    left = {one.what for one in bound(folder, mib=1)}
    assert "state/before/postgres/0000-public-t.copy" in left
    assert "state/after/services/gcs/lake/x.copy" in left
    assert total(folder) <= 1 << 20
    table = folder / "state" / "before" / "services" / "bigquery" / "d.t.parquet"
    assert pq.read_table(table).column("n").to_pylist() == list(range(10_000))
    (folder / "project.bin").write_bytes(bytes(2 << 20))
    with pytest.raises(InputError, match="larger than 1 MiB") as told:
        bound(folder, mib=1)
    assert told.value.evidence == ("project.bin: 2,097,152 bytes", *told.value.evidence[1:])


def test_the_published_schema_is_that_of_the_manifest():
    published = json.loads((ROOT / "docs" / "bundle.schema.json").read_text("utf-8"))
    assert published == schema()


@pytest.mark.parametrize("name", ["a", "a/b.txt", "C:\\data\\x.csv", "é/ü", ".hidden/x"])
def test_names_that_a_project_may_have_are_taken(name):
    assert refused(name) == ""
