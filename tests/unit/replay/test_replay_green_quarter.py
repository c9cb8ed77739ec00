"""The recorded quarter of green trips is what its script makes, and what its facts say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
COMMITTED = FIXTURES / "http" / "green_taxi_etl"


def test_the_script_makes_what_is_committed(tmp_path):
    script = FIXTURES / "make_green_quarter.py"
    subprocess.run([sys.executable, script, tmp_path], capture_output=True, check=True)
    names = sorted(path.name for path in COMMITTED.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    for name in names:
        assert (tmp_path / name).read_bytes() == (COMMITTED / name).read_bytes(), name


def test_the_facts_are_what_the_files_hold():
    """Counted by another reader than the one that stated them."""
    stated = json.loads((COMMITTED / "facts.json").read_text("utf-8"))
    files = sorted(COMMITTED.glob("*.csv.gz"))
    quarter = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
    assert len(files) == 3
    assert list(quarter.columns) == stated["columns"]
    assert len(quarter) == stated["rows"] == 3 * 1_900
    assert quarter["ehail_fee"].isna().all()
    assert quarter["VendorID"].isna().sum() == 3 * 400
    assert (quarter["passenger_count"] == 0).sum() == 3 * 17
    kept = quarter[(quarter["passenger_count"] > 0) & (quarter["trip_distance"] > 0)]
    assert len(kept) == stated["rows_kept"]
    assert kept["lpep_pickup_datetime"].str[:10].value_counts().to_dict() == stated["pickup_dates"]
    for month in (10, 11, 12):
        assert any(date.startswith(f"2020-{month}") for date in stated["pickup_dates"])
