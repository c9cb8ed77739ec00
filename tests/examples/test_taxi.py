import json
from pathlib import Path

BUCKET = "harness-project-yellowtaxi-bucket"
FACTS = json.loads(Path("fixtures/http/nyc_tlc/facts.json").read_text())


def test_trips_without_passengers_are_dropped(mage, expect):
    mage.run("api_to_postgres", variables={"year": 2021, "month": 1})

    trips = expect.table("ny_taxi.yellow_cab_data")
    trips.rows(FACTS["rows_with_passengers"])
    trips.column("passenger_count").no_nulls().between(1, 9)


def test_the_bucket_has_one_partition_for_each_pick_up_date(mage, expect):
    mage.run("api_to_gcs")

    rows = FACTS["pickup_dates_with_passengers"]
    expect.objects(BUCKET, "nyc_taxi_data/").partitions(
        {f"tpep_pickup_date={date}": count for date, count in rows.items()}
    )


def test_the_rows_of_the_bucket_arrive_in_bigquery(mage, expect):
    mage.run("api_to_gcs")
    mage.run("gcs_to_bigquery")

    expect.bigquery("ny_taxi.yellow_cab_data").rows(FACTS["rows_with_passengers"])
