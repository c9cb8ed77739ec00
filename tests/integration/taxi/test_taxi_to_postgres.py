"""The pipeline api_to_postgres, on the generated month and on real months."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

COLUMNS = {
    "vendorid": "bigint",
    "tpep_pickup_datetime": "timestamp without time zone",
    "tpep_dropoff_datetime": "timestamp without time zone",
    "passenger_count": "bigint",
    "trip_distance": "double precision",
    "ratecodeid": "bigint",
    "store_and_fwd_flag": "text",
    "pulocationid": "bigint",
    "dolocationid": "bigint",
    "payment_type": "bigint",
    "fare_amount": "double precision",
    "extra": "double precision",
    "mta_tax": "double precision",
    "tip_amount": "double precision",
    "tolls_amount": "double precision",
    "improvement_surcharge": "double precision",
    "total_amount": "double precision",
    "congestion_surcharge": "double precision",
}


def test_trips_with_passengers_arrive_in_postgres(mage, expect, month) -> None:
    run = mage.run("api_to_postgres", variables=month.variables)

    trips = expect.table("ny_taxi.yellow_cab_data")
    trips.rows(month.rows)
    trips.schema(COLUMNS, order=True)
    trips.column("passenger_count").no_nulls().between(1, 9)
    assert run.block("load_api_data").rows_out == month.all_rows
    assert run.block("transform_taxi_data").rows_in == month.all_rows
    assert run.block("transform_taxi_data").rows_out == month.rows


def test_the_rows_are_those_of_the_file(mage, expect, month) -> None:
    mage.run("api_to_postgres", variables=month.variables)

    found = expect.table("ny_taxi.yellow_cab_data").arrow()
    ((total, first, last, zones, flags),) = month.query(
        "SELECT sum(total_amount), min(tpep_pickup_datetime), max(tpep_dropoff_datetime), "
        "sum(PULocationID), count(store_and_fwd_flag) FROM trips"
    )
    assert round(pc.sum(found["total_amount"]).as_py(), 2) == round(total, 2)
    assert pc.min(found["tpep_pickup_datetime"]).as_py() == first
    assert pc.max(found["tpep_dropoff_datetime"]).as_py() == last
    assert pc.sum(found["pulocationid"]).as_py() == zones
    assert pc.count(found["store_and_fwd_flag"]).as_py() == flags


def test_the_sql_block_counts_the_rows(mage, generated_month) -> None:
    run = mage.run("api_to_postgres")

    counted = run.output("count_taxi_data")
    assert counted.to_pydict() == {"trips": [generated_month.rows]}


def test_the_blocks_own_tests_ran(mage) -> None:
    run = mage.run("api_to_postgres")

    (test,) = run.block("transform_taxi_data").tests
    assert (test.name, test.passed) == ("test_every_trip_has_passengers", True)


def test_outputs_between_blocks_are_arrow(mage, generated_month) -> None:
    run = mage.run("api_to_postgres")

    output = run.output("transform_taxi_data")
    assert isinstance(output, pa.Table)
    assert output.num_rows == generated_month.rows
    assert output.num_columns == len(COLUMNS)


def test_running_twice_gives_the_same_rows(mage, expect, generated_month) -> None:
    mage.run("api_to_postgres")
    first = expect.table("ny_taxi.yellow_cab_data").arrow()
    mage.run("api_to_postgres")

    again = expect.table("ny_taxi.yellow_cab_data").rows(generated_month.rows).arrow()
    assert again.equals(first)
