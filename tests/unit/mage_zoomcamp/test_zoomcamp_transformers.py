from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd
import pytest

PROJECT = Path(__file__).parents[3] / "mage_zoomcamp"


def block(name):
    """The names of a transformer, executed as Mage does: with the decorators already there."""
    decorators = dict.fromkeys(("transformer", "test"), lambda function: function)
    return runpy.run_path(str(PROJECT / "transformers" / f"{name}.py"), init_globals=decorators)


@pytest.mark.parametrize("dtype", ["Int64", "float64", "object"])
def test_trips_without_passengers_are_dropped(dtype):
    passengers = pd.Series([1, 0, None, 6, 0]).astype(dtype)
    data = pd.DataFrame({"passenger_count": passengers, "trip": list("abcde")})
    transformer = block("transform_taxi_data")

    output = transformer["transform"](data)

    assert list(output["trip"]) == ["a", "d"]
    assert list(output.index) == [0, 1]
    assert output["passenger_count"].dtype == data["passenger_count"].dtype
    transformer["test_every_trip_has_passengers"](output)
    with pytest.raises(AssertionError, match="3 trips without passengers are left"):
        transformer["test_every_trip_has_passengers"](data)


@pytest.mark.parametrize(
    ("name", "standard"),
    [
        ("VendorID", "vendor_id"),
        ("PULocationID", "pu_location_id"),
        ("RatecodeID", "ratecode_id"),
        ("tpep_pickup_datetime", "tpep_pickup_datetime"),
        ("Trip Type", "trip_type"),
        (" fare-amount ", "fare_amount"),
    ],
)
def test_column_names_become_standard(name, standard):
    transformer = block("standardise_column_names")

    output = transformer["transform"](pd.DataFrame({name: [1]}))

    assert list(output.columns) == [standard]
    transformer["test_names_are_standard"](output)


def test_names_that_fall_together_are_found():
    transformer = block("standardise_column_names")

    output = transformer["transform"](pd.DataFrame({"VendorID": [1], "vendor_id": [2]}))

    with pytest.raises(AssertionError, match="share a name"):
        transformer["test_names_are_unique"](output)


def test_green_trips_without_passengers_or_distance_are_dropped():
    pickups = pd.to_datetime(
        ["2020-10-01 00:25", "2020-10-02 00:00", "2020-10-03 12:00", "2020-10-04 23:59"]
    )
    data = pd.DataFrame(
        {
            "vendor_id": pd.Series([2, None, 1, 1], dtype="Int64"),
            "lpep_pickup_datetime": pickups,
            "passenger_count": pd.Series([1, None, 0, 5], dtype="Int64"),
            "trip_distance": [0.65, 1.0, 2.0, 0.01],
        }
    )
    transformer = block("transform_green_taxi_data")
    tests = [function for name, function in transformer.items() if name.startswith("test_")]

    output = transformer["transform"](data)

    assert [str(date) for date in output["lpep_pickup_date"]] == ["2020-10-01", "2020-10-04"]
    assert len(tests) == 3
    for test in tests:
        test(output)
    with pytest.raises(AssertionError, match="2 trips without passengers are left"):
        transformer["test_every_trip_has_passengers"](data)
    with pytest.raises(AssertionError, match="1 trips without a distance are left"):
        transformer["test_every_trip_went_somewhere"](data.assign(trip_distance=[1, 1, 0, 1]))
    with pytest.raises(AssertionError, match=r"Vendors that are not known: \{6\}"):
        transformer["test_vendors_are_known"](data.assign(vendor_id=[1, 2, 6, 1]))
    with pytest.raises(AssertionError, match="There is no vendor_id"):
        transformer["test_vendors_are_known"](data.drop(columns="vendor_id"))
