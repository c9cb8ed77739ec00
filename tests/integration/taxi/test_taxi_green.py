"""The pipeline green_taxi_etl: three months to PostgreSQL and to a partitioned dataset."""

from __future__ import annotations

import json
from pathlib import Path

BUCKET = "harness-project-yellowtaxi-bucket"
RECORDED = Path(__file__).parents[3] / "fixtures" / "http" / "green_taxi_etl"
FACTS = json.loads((RECORDED / "facts.json").read_text("utf-8"))
COLUMNS = {
    "vendor_id": "bigint",
    "lpep_pickup_datetime": "timestamp without time zone",
    "lpep_dropoff_datetime": "timestamp without time zone",
    "store_and_fwd_flag": "text",
    "ratecode_id": "bigint",
    "pu_location_id": "bigint",
    "do_location_id": "bigint",
    "passenger_count": "bigint",
    "trip_distance": "double precision",
    "fare_amount": "double precision",
    "extra": "double precision",
    "mta_tax": "double precision",
    "tip_amount": "double precision",
    "tolls_amount": "double precision",
    "ehail_fee": "double precision",
    "improvement_surcharge": "double precision",
    "total_amount": "double precision",
    "payment_type": "bigint",
    "trip_type": "bigint",
    "congestion_surcharge": "double precision",
    "lpep_pickup_date": "date",
}


def test_a_quarter_arrives_in_postgres_and_in_the_bucket(mage, expect):
    mage.run("green_taxi_etl")

    trips = expect.table("mage.green_taxi")
    trips.rows(FACTS["rows_kept"]).schema(COLUMNS, order=True)
    trips.column("vendor_id").isin(FACTS["vendors"])
    trips.column("passenger_count").no_nulls().between(1, 9)
    trips.column("trip_distance").between(0.01, None)
    expect.objects(BUCKET, "green_taxi/").partitions(
        {f"lpep_pickup_date={date}": rows for date, rows in FACTS["pickup_dates"].items()}
    )


def test_other_months_replace_what_was_there(mage, expect):
    mage.run("green_taxi_etl")
    mage.run("green_taxi_etl", variables={"months": [11]})

    of_november = {
        f"lpep_pickup_date={date}": rows
        for date, rows in FACTS["pickup_dates"].items()
        if date.startswith("2020-11")
    }
    dataset = expect.objects(BUCKET, "green_taxi/")
    found = {day: rows for day, rows in dataset.partition_rows().items() if "=2020-11" in day}
    assert found == of_november
    assert expect.table("mage.green_taxi").arrow().num_rows == sum(
        dataset.partition_rows().values()
    )
