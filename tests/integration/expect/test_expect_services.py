"""Expectations over the real services: what pipelines wrote to one is what they wrote to another."""

from __future__ import annotations

import pytest

from harness.errors import ExpectationError, InputError

BUCKET = "harness-project-yellowtaxi-bucket"


def named_like(table, other):
    """Names of the same letters: each sink standardises those of the file in its own way."""
    names = {name.replace("_", ""): name for name in other.column_names}
    return table.rename_columns([names[n.replace("_", "").lower()] for n in table.column_names])


@pytest.mark.slow
def test_one_month_is_the_same_wherever_it_is_written(mage, expect):
    mage.run("api_to_gcs")
    mage.run("gcs_to_bigquery")
    run = mage.run("api_to_postgres")

    trips = expect.table("ny_taxi.yellow_cab_data")
    lake = expect.objects(BUCKET, "nyc_taxi_data.parquet")
    warehouse = expect.bigquery("ny_taxi.yellow_cab_data")
    block = expect.block(run, "transform_taxi_data")

    block.equals(lake).equals(expect.block("api_to_postgres", "transform_taxi_data"))
    trips.equals(named_like(lake.arrow(), trips.arrow()))
    trips.equals(named_like(warehouse.arrow(), trips.arrow()))
    expect.objects(BUCKET, "nyc_taxi_data/").equals(lake, ignoring="tpep_pickup_date")
    with pytest.raises(
        ExpectationError, match=r"VendorID: it is there as vendorid: the same name in"
    ):
        trips.equals(lake)
    with pytest.raises(InputError, match="gcs_to_bigqueri"):
        expect.block("gcs_to_bigqueri", "x")


def test_types_of_postgres(postgres, expect):
    postgres.execute(
        "CREATE TABLE odd AS SELECT * FROM (VALUES"
        " ('00000000-0000-0000-0000-000000000005'::uuid, '{\"a\": 1}'::jsonb, ARRAY[1, 2],"
        "  12345678901234567890.5::numeric, 'NaN'::numeric, '\\x00ff'::bytea, 'happy'::text,"
        "  '2021-01-31 12:00+02'::timestamptz, interval '1 day', time '12:00', 'x'::char(3)),"
        " (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))"
        " AS t(id, doc, ids, amount, rate, bytes, mood, at, every, noon, code)"
    )
    postgres.execute("CREATE TABLE copy AS SELECT * FROM odd ORDER BY id NULLS FIRST")
    found = expect.table("odd")

    found.equals(expect.table("copy")).equals(expect.table("copy"), key="id")
    postgres.execute("UPDATE copy SET rate = 1, ids = ARRAY[2, 1], doc = '{}' WHERE code = 'x'")
    with pytest.raises(ExpectationError) as failure:
        found.equals(expect.table("copy"), key="id")
    assert {one["name"] for one in failure.value.facts["columns"]} == {"doc", "ids", "rate"}
