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
