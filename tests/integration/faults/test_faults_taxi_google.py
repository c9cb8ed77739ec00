"""What api_to_gcs, gcs_to_bigquery and green_taxi_etl do in trouble."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

BUCKET = "harness-project-yellowtaxi-bucket"
OBJECT, DATASET = "nyc_taxi_data.parquet", "nyc_taxi_data/"
MONTH = {"year": 2021, "month": 1}
ROWS = 9110
GREEN = Path(__file__).parents[3] / "fixtures" / "http" / "green_taxi_etl" / "facts.json"
UPLOAD = "POST /upload/"
# A file of a partition; pyarrow also writes an empty object for each folder, which none needs.
PART = "uploadType=resumable&name=nyc_taxi_data%2Ftpep_pickup_date"


def fail(mage, pipeline, **more):
    """A run that is no success because of the declared fault."""
    run = mage.run(pipeline, check=False, **more)
    assert not run.ok
    others = [one for one in run.problems if "it follows a declared fault" not in one.message]
    assert others == []


def test_a_month_arrives_though_cloud_storage_is_in_trouble(mage, expect, faults):
    faults.gcs(503, times=2, block="taxi_data_to_gcs", containing=UPLOAD)
    faults.gcs(429, block="taxi_data_to_gcs")
    faults.gcs("reset", times=2, block="taxi_data_to_gcs_partitioned", containing=PART, after=3)
    faults.gcs(500, block="taxi_data_to_gcs_partitioned", containing=PART, after=6)

    run = mage.run("api_to_gcs", variables=MONTH)

    expect.objects(BUCKET, OBJECT).rows(ROWS)
    expect.objects(BUCKET, DATASET).rows(ROWS)
    # Mage runs both blocks side by side, and pyarrow makes its calls in C++.
    blocks = {"nyc_taxi_data%2F" in one["call"]: one["block"] for one in run.faults}
    assert blocks == {True: "taxi_data_to_gcs_partitioned", False: "taxi_data_to_gcs"}


@pytest.mark.slow
@pytest.mark.parametrize("what", [403, "killed"])
def test_a_dataset_that_was_begun_is_completed_by_a_rerun(mage, expect, gcs, faults, what):
    faults.gcs(what, block="taxi_data_to_gcs_partitioned", containing=PART, after=20)
    fail(mage, "api_to_gcs", variables=MONTH)
    left = {sink.name: sink.rows for sink in gcs.inventory()}
    assert (left.get(f"{BUCKET}/{DATASET}") or 0) < ROWS

    mage.run("api_to_gcs", variables=MONTH)

    expect.objects(BUCKET, OBJECT).rows(ROWS)
    expect.objects(BUCKET, DATASET).rows(ROWS)


@pytest.mark.slow
def test_bigquery_gets_the_month_or_keeps_what_it_had(mage, expect, faults):
    mage.run("api_to_gcs", variables=MONTH)
    trips = "ny_taxi.yellow_cab_data"
    for block, declare in (
        ("load_gcs_data", faults.gcs),
        ("taxi_data_to_bigquery", faults.bigquery),
    ):
        for what in (503, "reset"):
            declare(what, block=block)
    faults.bigquery(503, block="taxi_data_to_bigquery", containing="POST /upload/")
    mage.run("gcs_to_bigquery")
    expect.bigquery(trips).rows(ROWS)

    faults.gcs(404, block="load_gcs_data", containing="alt=media")
    fail(mage, "gcs_to_bigquery")
    expect.bigquery(trips).rows(ROWS)
    for what in (403, "killed"):
        faults.bigquery(what, block="taxi_data_to_bigquery", containing="POST /upload/")
        fail(mage, "gcs_to_bigquery")
        expect.bigquery(trips).rows(ROWS)


@pytest.mark.slow
def test_green_trips_are_all_there_after_a_rerun(mage, expect, faults):
    kept = json.loads(GREEN.read_text("utf-8"))["rows_kept"]
    faults.gcs(403, block="green_taxi_data_to_gcs_partitioned", containing=UPLOAD, after=10)
    fail(mage, "green_taxi_etl")

    mage.run("green_taxi_etl")

    expect.table("mage.green_taxi").rows(kept)
    expect.objects(BUCKET, "green_taxi/").rows(kept)
