"""What api_to_postgres does in trouble: it fails, leaves what was there, and a rerun mends it."""

from __future__ import annotations

import pytest

TABLE = "ny_taxi.yellow_cab_data"
MONTH = {"year": 2021, "month": 1}
ROWS = 9110
# As Mage makes it; it empties a table that is there, and never makes it anew.
MADE = f"""CREATE SCHEMA ny_taxi;
CREATE TABLE {TABLE} (
    vendorid bigint, tpep_pickup_datetime timestamp, tpep_dropoff_datetime timestamp,
    passenger_count bigint, trip_distance float, ratecodeid bigint, store_and_fwd_flag text,
    pulocationid bigint, dolocationid bigint, payment_type bigint, fare_amount float, extra float,
    mta_tax float, tip_amount float, tolls_amount float, improvement_surcharge float,
    total_amount float, congestion_surcharge float);
INSERT INTO {TABLE} (vendorid) VALUES (7)"""
LOADS, WRITES = "load_api_data", "taxi_data_to_postgres"
FAULTS = {
    "download refused": lambda faults: faults.http("yellow_tripdata", 503, block=LOADS),
    "download reset": lambda faults: faults.http("yellow_tripdata", "reset", block=LOADS),
    "download cut": lambda faults: faults.http("yellow_tripdata", "cut", size=100_000, block=LOADS),
    "connection refused": lambda faults: faults.postgres("refused", block=WRITES),
    "cut within the rows": lambda faults: faults.postgres("cut", size=100_000, block=WRITES),
    "rows not taken": lambda faults: faults.postgres("40001", containing="COPY", block=WRITES),
    "commit cut": lambda faults: faults.postgres("cut", containing="COMMIT", block=WRITES),
    "killed within the rows": lambda faults: faults.postgres("killed", size=100_000, block=WRITES),
    "killed before the rows": lambda faults: faults.killed(WRITES),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_table_stays_and_a_rerun_fills_it(mage, expect, postgres, faults, fault):
    postgres.execute(MADE)
    FAULTS[fault](faults)

    run = mage.run("api_to_postgres", variables=MONTH, check=False)
    assert not run.ok
    others = [one for one in run.problems if "it follows a declared fault" not in one.message]
    assert others == []
    expect.table(TABLE).rows(1).column("vendorid").isin([7])

    mage.run("api_to_postgres", variables=MONTH)
    expect.table(TABLE).rows(ROWS)


def test_a_slow_server_is_waited_for(mage, expect, faults):
    faults.postgres("stall", seconds=0.5, containing="COPY", block=WRITES)
    faults.http("yellow_tripdata", "stall", seconds=0.5)

    run = mage.run("api_to_postgres", variables=MONTH)

    expect.table(TABLE).rows(ROWS)
    assert [(one["service"], one["what"], one["block"]) for one in run.faults] == [
        ("http", "stall", LOADS),
        ("postgres", "stall", WRITES),
    ]
