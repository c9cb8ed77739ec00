import pandas as pd

if "data_loader" not in globals():
    from mage_ai.data_preparation.decorators import data_loader
if "test" not in globals():
    from mage_ai.data_preparation.decorators import test

TYPES = {
    "VendorID": pd.Int64Dtype(),
    "passenger_count": pd.Int64Dtype(),
    "trip_distance": float,
    "store_and_fwd_flag": str,
}
DATES = ["pickup_datetime", "dropoff_datetime"]


@data_loader
def load(*args, **kwargs):
    year, month = kwargs["year"], kwargs["month"]
    url = f"https://files.example.com/taxi/trips_{year}-{month:02d}.csv.gz"
    return pd.read_csv(url, sep=";", compression="gzip", dtype=TYPES, parse_dates=DATES)


@test
def test_nothing_else_is_there(output, *args):
    assert set(output.columns) == {*TYPES, *DATES}


@test
def test_times_are_those_of_the_month(output, *args):
    assert set(output["pickup_datetime"].dt.strftime("%Y-%m")) == {"2021-03"}
    assert (output["pickup_datetime"] <= output["dropoff_datetime"]).all()
