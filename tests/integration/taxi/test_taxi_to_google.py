"""The pipelines api_to_gcs and gcs_to_bigquery, which reads what the first wrote."""

from __future__ import annotations

import pytest

BUCKET = "harness-project-yellowtaxi-bucket"
# Mage writes an object's timestamps cut to milliseconds.
OBJECT_COLUMNS = {
    "VendorID": "int64",
    "tpep_pickup_datetime": "timestamp[ms]",
    "tpep_dropoff_datetime": "timestamp[ms]",
    "passenger_count": "int64",
    "trip_distance": "double",
    "RatecodeID": "int64",
    "store_and_fwd_flag": "string",
    "PULocationID": "int64",
    "DOLocationID": "int64",
    "payment_type": "int64",
    "fare_amount": "double",
    "extra": "double",
    "mta_tax": "double",
    "tip_amount": "double",
    "tolls_amount": "double",
    "improvement_surcharge": "double",
    "total_amount": "double",
    "congestion_surcharge": "double",
}
TABLE_COLUMNS = {
    "vendor_id": "INT64",
    "tpep_pickup_datetime": "TIMESTAMP",
    "tpep_dropoff_datetime": "TIMESTAMP",
    "passenger_count": "INT64",
    "trip_distance": "FLOAT64",
    "ratecode_id": "INT64",
    "store_and_fwd_flag": "STRING",
    "pu_location_id": "INT64",
    "do_location_id": "INT64",
    "payment_type": "INT64",
    "fare_amount": "FLOAT64",
    "extra": "FLOAT64",
    "mta_tax": "FLOAT64",
    "tip_amount": "FLOAT64",
    "tolls_amount": "FLOAT64",
    "improvement_surcharge": "FLOAT64",
    "total_amount": "FLOAT64",
    "congestion_surcharge": "FLOAT64",
}


def test_one_object_and_one_partition_for_each_pick_up_date(mage, expect, month) -> None:
    mage.run("api_to_gcs", variables=month.variables)

    expect.objects(BUCKET, "nyc_taxi_data.parquet").rows(month.rows).schema(OBJECT_COLUMNS)
    dataset = expect.objects(BUCKET, "nyc_taxi_data/")
    dataset.rows(month.rows)
    dataset.partitions(
        {f"tpep_pickup_date={date}": rows for date, rows in month.rows_by_date.items()}
    )


def test_the_rows_of_the_object_arrive_in_bigquery(mage, expect, month) -> None:
    mage.run("api_to_gcs", variables=month.variables)
    mage.run("gcs_to_bigquery")

    trips = expect.bigquery("ny_taxi.yellow_cab_data")
    trips.rows(month.rows)
    trips.schema(TABLE_COLUMNS, order=True)
    written = expect.objects(BUCKET, "nyc_taxi_data.parquet").arrow()
    found = trips.arrow().rename_columns(written.column_names)
    for name in ("tpep_pickup_datetime", "passenger_count", "total_amount", "PULocationID"):
        assert found[name].cast(written[name].type).equals(written[name]), name


def test_running_both_twice_gives_the_same(mage, expect, generated_month) -> None:
    found = []
    for _ in range(2):
        mage.run("api_to_gcs")
        mage.run("gcs_to_bigquery")
        dataset = expect.objects(BUCKET, "nyc_taxi_data/")
        table = expect.bigquery("ny_taxi.yellow_cab_data").rows(generated_month.rows)
        found.append((dataset.partition_rows(), table.arrow()))

    (first_parts, first_rows), (second_parts, second_rows) = found
    assert first_parts == second_parts
    assert sum(first_parts.values()) == generated_month.rows
    assert first_rows.equals(second_rows)


def test_a_second_month_leaves_no_partition_of_the_first(mage, expect, http, shared_taxi) -> None:
    mage.run("api_to_gcs")
    http.map(
        "https://github.com/DataTalksClub/nyc-tlc-data/releases/download/yellow/"
        "yellow_tripdata_2021-02.csv.gz",
        shared_taxi / "derived_yellow_tripdata_2021-01.csv.gz",
    )
    mage.run("api_to_gcs", variables={"month": 2})

    whole = expect.objects(BUCKET, "nyc_taxi_data.parquet").arrow().num_rows
    expect.objects(BUCKET, "nyc_taxi_data/").rows(whole)


def test_without_the_object_the_pipeline_fails_and_names_it(mage) -> None:
    run = mage.run("gcs_to_bigquery", check=False)

    (problem,) = [one for one in run.problems if one.code == "block-failed"]
    assert problem.block == "load_gcs_data"
    assert "nyc_taxi_data.parquet" in problem.message or "bucket" in problem.message


@pytest.mark.parametrize("pipeline", ["api_to_postgres", "api_to_gcs"])
def test_a_month_without_a_recording_fails_at_once_and_names_the_nearest(mage, pipeline) -> None:
    run = mage.run(pipeline, variables={"month": 12}, check=False)

    assert not run.ok
    (problem,) = [one for one in run.problems if one.code == "http-unrecorded"]
    assert "yellow_tripdata_2021-12.csv.gz" in problem.message
    assert "yellow_tripdata_2021-01.csv.gz" in problem.message
    assert (problem.block, problem.file) == ("load_api_data", "data_loaders/load_api_data.py")
