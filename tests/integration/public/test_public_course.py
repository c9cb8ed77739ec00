"""What courses teach: taxi trips by URL to PostgreSQL, a lake, a warehouse."""

from __future__ import annotations

import pytest

from harness.errors import ProjectError

SCHEMA = {"POSTGRES_SCHEMA": "public"}


def test_yellow_taxi_trips_are_filtered_tested_and_exported(world):
    done = world.run("yellow_taxi_course", "api_to_postgres", env=SCHEMA)
    done.require_success()
    assert world.rows() == {"ny_taxi.yellow_cab_data": 7}
    trips = world.stack.postgres.read("ny_taxi.yellow_cab_data")
    assert min(trips["passenger_count"].to_pylist()) == 1
    assert str(trips.schema.field("tpep_pickup_datetime").type).startswith("timestamp")
    assert [test.name for test in done.block("transform_taxi_data").tests] == ["test_output"]


def test_a_profile_whose_variable_nobody_sets_is_refused_with_the_line_to_write(world):
    with pytest.raises(ProjectError) as refused:
        world.run("yellow_taxi_course", "api_to_postgres")
    assert "needs variables that are not set: POSTGRES_SCHEMA" in str(refused.value)
    assert "[tool.mage-harness.env]" in str(refused.value)


def test_months_in_a_loop_end_partitioned_in_the_lake_and_in_postgres(world):
    done = world.run("green_taxi_months", "green_taxi_etl", env=SCHEMA)
    done.require_success()
    assert world.rows() == {"mage-zoomcamp-green-5/green_taxi/": 6, "mage.green_taxi": 6}
    days = [f"2020-{month}-0{day}" for month in (10, 11, 12) for day in (1, 2)]
    assert world.stack.gcs.partitions("mage-zoomcamp-green-5/green_taxi/") == {
        f"lpep_pickup_date={day}": 1 for day in days
    }
    names = world.stack.postgres.read("mage.green_taxi").column_names
    assert {"vendor_id", "pu_location_id", "lpep_pickup_date"} <= set(names)
    assert len(done.block("clean_green_taxi").tests) == 3


def test_tables_in_a_dictionary_end_in_bigquery_by_a_key_in_the_profile(world):
    world.run("uber_dimensions", "uber_de_project").require_success()
    dataset = "data-with-uber.uber_data_engineering"
    rows = {"datetime_dim": 3, "fact_table": 3, "passenger_count_dim": 2, "rate_code_dim": 2}
    assert world.rows() == {f"{dataset}.{name}": count for name, count in rows.items()}
    codes = world.stack.bigquery.read(f"{dataset}.rate_code_dim")
    assert sorted(codes["rate_code_name"].to_pylist()) == ["JFK", "Standard rate"]


def test_a_project_within_a_composed_repository_has_its_modules_and_hosts(world):
    done = world.run("compose_repository/mage/etl_project", "bikes", env={"RAW_SCHEMA": "raw"})
    done.require_success()
    assert world.rows() == {"raw.rides": 2}
    assert "start_time" in world.stack.postgres.read("raw.rides").column_names


def test_rows_are_appended_by_a_second_run(world):
    for keep in (False, True):
        world.run(
            "compose_repository/mage/etl_project", "bikes", env={"RAW_SCHEMA": "raw"}, keep=keep
        ).require_success()
    assert world.rows() == {"raw.rides": 4}


def test_two_pipelines_meet_in_a_bucket_and_an_external_table(world):
    world.run("external_table", "fhv_to_gcs").require_success()
    files = {f"dtc-data-lake-fhv/fhv/fhv_tripdata_2019-0{month}.parquet": 3 for month in (1, 2)}
    assert world.rows() == files
    done = world.run("external_table", "gcs_to_bigquery", keep=True)
    done.require_success()
    tables = "ny-rides-alexey-396910.trips_data_all"
    assert world.rows() == {
        **files,
        f"{tables}.external_fhv": None,
        f"{tables}.fhv_partitioned": 6,
    }
    days = world.stack.bigquery.partitions(f"{tables}.fhv_partitioned")
    assert set(days.values()) == {1}
    assert len(days) == 6
    report = done.file("/home/src/reports/fhv_bases.csv").read_text()
    assert report.splitlines() == [",dispatching_base_num,places,trips", "0,B1,2,4", "1,B2,0,2"]


def test_without_the_first_pipeline_the_second_fails_and_says_what_is_missing(world):
    done = world.run("external_table", "gcs_to_bigquery")
    assert not done.ok
    assert done.problems[0].block == "create_tables"
    assert "gs://dtc-data-lake-fhv/fhv/" in " ".join(one.message for one in done.problems)


@pytest.mark.parametrize(
    ("variables", "rows"),
    [
        ({}, {"nyc-tlc-months/green/green_2021-01.parquet": 10}),
        ({"month": 2}, {"nyc-tlc-months/green/green_2021-02.parquet": 10}),
    ],
    ids=["as-it-is", "another-month"],
)
def test_a_month_is_named_by_variables(world, variables, rows):
    world.run("month_by_variables", "tlc_month", variables=variables).require_success()
    assert world.rows() == rows


def test_a_month_that_nobody_recorded_is_told_with_those_that_are(world):
    done = world.run("month_by_variables", "tlc_month", variables={"month": 3})
    codes = [one.code for one in done.problems]
    assert codes[:2] == ["block-failed", "http-unrecorded"]
    told = done.problems[1].message
    assert "green_tripdata_2021-03.parquet" in told
    assert "mage-harness fixture" in told
