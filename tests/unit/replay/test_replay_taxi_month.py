from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from harness.replay.cassette import load
from harness.replay.library import Library

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
COMMITTED = FIXTURES / "http" / "nyc_tlc"
NAME = "yellow_tripdata_2021-01.csv.gz"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("taxi")
    script = FIXTURES / "make_taxi_month.py"
    done = subprocess.run(
        [sys.executable, script, folder], capture_output=True, text=True, check=True
    )
    assert "10000 rows" in done.stdout
    return folder


@pytest.fixture(scope="module")
def stated():
    return json.loads((COMMITTED / "facts.json").read_text())


@pytest.fixture(scope="module")
def month():
    return pd.read_csv(COMMITTED / NAME, dtype=str, keep_default_na=False)


@pytest.mark.parametrize("name", ["index.yaml", "facts.json", NAME])
def test_the_script_makes_what_is_committed(made, name):
    again, kept = (made / name).read_bytes(), (COMMITTED / name).read_bytes()
    if name == NAME:
        assert gzip.decompress(again) == gzip.decompress(kept)
    assert hashlib.sha256(again).hexdigest() == hashlib.sha256(kept).hexdigest()


def test_the_facts_are_what_the_file_holds(month, stated):
    """Counted by another reader than the one that stated them."""
    passengers = pd.to_numeric(month["passenger_count"])
    dates = month["tpep_pickup_datetime"].str[:10]
    assert list(month.columns) == stated["columns"]
    assert len(month) == stated["rows"] == 10_000
    assert (passengers > 0).sum() == stated["rows_with_passengers"]
    assert (passengers == 0).sum() == stated["zero_passengers"] == 190
    assert passengers.isna().sum() == stated["null_passengers"] == 700
    assert (month["trip_distance"].astype(float) == 0).sum() == stated["zero_distance"] == 160
    assert (month["fare_amount"].astype(float) < 0).sum() == stated["negative_fares"] == 52
    assert (~dates.str.startswith("2021-01")).sum() == stated["outside_month"] == 12
    assert month.duplicated().sum() == stated["exact_duplicates"] == 4
    assert dates.value_counts().to_dict() == stated["pickup_dates"]
    with_passengers = dates[passengers > 0].value_counts().to_dict()
    assert with_passengers == stated["pickup_dates_with_passengers"]
    flags = month["store_and_fwd_flag"].replace("", "null").value_counts().to_dict()
    assert flags == stated["store_and_fwd_flag"]
    assert min(flags.values()) > 0


def test_every_day_of_the_month_has_trips_with_passengers(stated):
    days = {f"2021-01-{day:02d}" for day in range(1, 32)}
    assert days < set(stated["pickup_dates_with_passengers"])


def test_records_without_a_vendor_lack_the_same_columns_as_the_tlcs(month):
    without = month[month["VendorID"] == ""]
    assert len(without) == 700
    for name in ("passenger_count", "RatecodeID", "store_and_fwd_flag", "payment_type"):
        assert (month[name] == "").equals(month["VendorID"] == "")


def test_values_look_like_the_tlcs(month):
    for name in month.columns[10:]:
        assert month[name].str.fullmatch(r"-?\d+\.\d{1,2}").all(), name
    for name in ("tpep_pickup_datetime", "tpep_dropoff_datetime"):
        assert month[name].str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d").all()
    zones = month[["PULocationID", "DOLocationID"]].astype(int)
    assert zones.min().min() == 1
    assert zones.max().max() == 265
    paid = month[month["fare_amount"].astype(float) > 0]
    related = paid["fare_amount"].astype(float).corr(paid["trip_distance"].astype(float))
    assert related > 0.8


def test_the_recording_redirects_as_a_release_download_does(stated):
    library = Library(load(COMMITTED))
    (first,) = library.find("GET", stated["url"])
    assert first.status == 302
    location = dict(first.headers)["location"]
    assert location.startswith("https://objects.githubusercontent.com/")
    again = location.replace("X-Amz-Date=20210201T050000Z", "X-Amz-Date=20300101T000000Z")
    assert again != location
    assert [one.body.name for one in library.find("GET", again)] == [NAME]


def test_the_derived_real_sample_has_the_same_header(month):
    real = Path(__file__).resolve().parents[4] / "shared" / "taxi"
    file = real / "derived_yellow_tripdata_2021-01.csv.gz"
    if not file.exists():
        pytest.skip(f"{file.name} is not on this machine")
    assert list(pd.read_csv(file, nrows=0).columns) == list(month.columns)
