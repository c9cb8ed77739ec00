def test_trips_without_passengers_are_dropped(mage, expect):
    mage.run("api_to_postgres", variables={"year": 2021, "month": 1})

    trips = expect.table("ny_taxi.yellow_cab_data")
    trips.rows(9_110)
    trips.column("passenger_count").no_nulls().between(1, 9)


def test_the_bucket_has_one_partition_for_each_pick_up_date(mage, expect):
    mage.run("api_to_gcs")

    dataset = expect.objects("harness-project-yellowtaxi-bucket", "nyc_taxi_data/")
    dataset.rows(9_110)
    assert len(dataset.partition_rows()) == 37


def test_the_rows_of_the_bucket_arrive_in_bigquery(mage, expect):
    mage.run("api_to_gcs")
    mage.run("gcs_to_bigquery")

    expect.bigquery("ny_taxi.yellow_cab_data").rows(9_110)
