"""What inspect and init say of each project: services, variables, addresses, questions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.inspect.inspection import inspect
from harness.project.reader import read_project
from tests.unit.public.conftest import PROJECTS

ROOT = Path(__file__).parents[3]
COMPOSED = "compose_repository/mage/etl_project"
SERVICES = {
    ("command_line_tools", "compressed"): set(),
    ("command_line_tools", "uploaded"): {"http"},
    (COMPOSED, "bikes"): {"http", "postgres"},
    ("conflicting_requirements", "one"): set(),
    ("copy_and_upsert", "stations"): {"http", "postgres"},
    ("external_table", "fhv_to_gcs"): {"gcs", "http"},
    ("external_table", "gcs_to_bigquery"): {"bigquery", "gcs"},
    ("great_expectations", "checked_prices"): {"http"},
    ("green_taxi_months", "green_taxi_etl"): {"gcs", "http", "postgres"},
    ("incremental_by_day", "gh_archive"): {"gcs", "http", "postgres"},
    ("ingest_in_chunks", "ingest"): {"http", "postgres"},
    ("left_overs", "people"): set(),
    ("mlflow_tracking", "wine_quality"): {"other"},
    ("model_training", "duration_prediction"): {"http"},
    ("month_by_variables", "tlc_month"): {"gcs", "http"},
    ("oauth_api", "music"): {"bigquery", "http"},
    ("other_servers", "to_clickhouse"): {"other"},
    ("other_servers", "to_kafka"): {"other"},
    ("other_servers", "to_redis"): {"other"},
    ("other_servers", "to_redshift"): {"other"},
    ("other_servers", "to_snowflake"): {"other"},
    ("polars_and_duckdb", "zones"): {"duckdb", "http"},
    ("run_elsewhere", "block_on_kubernetes"): set(),
    ("run_elsewhere", "in_one_process"): set(),
    ("run_elsewhere", "on_kubernetes"): set(),
    ("scraped_table", "market_quotes"): {"gcs", "http"},
    ("several_profiles", "order_totals"): {"gcs", "postgres"},
    ("shop_marts", "marts"): {"bigquery"},
    ("slack_report", "daily_report"): {"http", "postgres"},
    ("spark_session", "spark_counts"): {"other"},
    ("spark_session", "spark_kernel"): set(),
    ("titanic_example", "example_pipeline"): {"http"},
    ("uber_dimensions", "uber_de_project"): {"bigquery", "http"},
    ("weather_api", "weather_etl"): {"http", "postgres"},
    ("yellow_taxi_course", "api_to_postgres"): {"http", "postgres"},
    ("zip_download", "bike_files"): {"http"},
}
# For a repository: what its settings must have, and what it must be asked.
PROPOSED = {
    "command_line_tools": ({}, ["it is not seen what it writes"]),
    "compose_repository": (
        {"project": "mage/etl_project", "mage_version": "0.9.76", "env": {"RAW_SCHEMA": "public"}},
        ["tripdata/JC-202101-citibike-tripdata.csv", "table built at run time"],
    ),
    "conflicting_requirements": ({}, []),
    "copy_and_upsert": ({}, ["gbfs.bikes.example/en/station_status.json", "bikes.stations"]),
    "external_table": ({}, ["fhv_tripdata_2019-01.csv.gz", "dtc-data-lake-fhv/fhv/"]),
    "great_expectations": ({}, ["prices.example.org/daily.csv"]),
    "green_taxi_months": (
        {"env": {"POSTGRES_SCHEMA": "public"}},
        [*(f"green_tripdata_2020-{month}.csv.gz" for month in (10, 11, 12)), "mage.green_taxi"],
    ),
    "incremental_by_day": ({}, ["https://data.gharchive.org/{execution_date}-0.json.gz"]),
    "ingest_in_chunks": ({}, ["yellow_tripdata_2021-02.csv.gz", "yellow_taxi_trips"]),
    "left_overs": ({}, ["copy of people/metadata.yaml is empty"]),
    "mlflow_tracking": ({}, ["an MLflow server is not supported yet"]),
    "model_training": ({"mage_version": "0.9.80"}, ["green_tripdata_2021-02.parquet"]),
    "month_by_variables": ({}, ["green_tripdata_2021-01.parquet", "nyc-tlc-months/green/"]),
    "oauth_api": (
        {
            "secrets": {
                f"music_{name}": "throw-away"
                for name in ("client_id", "client_secret", "refresh_token")
            }
        },
        ["https://accounts.music.example/api/token", "music.played"],
    ),
    "other_servers": (
        {"env": {f"AWS_{name}": "throw-away" for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}},
        [
            f"{server} is not supported yet"
            for server in ("ClickHouse", "Kafka", "Redis", "Redshift", "Snowflake")
        ],
    ),
    "polars_and_duckdb": ({}, ["https://lake.example.net/yellow/2021-01.parquet"]),
    "run_elsewhere": ({}, ["it is not seen what it writes"]),
    "scraped_table": ({}, ["https://www.markets.example/indices", "market-quotes/"]),
    "several_profiles": ({}, ["seeds/postgres/shop.orders.csv", "shop.order_items.csv"]),
    "shop_marts": ({}, ["marts.orders", "marts.states"]),
    "slack_report": (
        {"env": {"SLACK_WEBHOOK_URL": "throw-away"}},
        ["fixtures/seeds/postgres/sales.daily.csv"],
    ),
    "spark_session": ({}, ["AWS EMR cluster", "fhvhv_tripdata_2021-01.csv"]),
    "titanic_example": ({}, ["titanic_survived.csv?raw=True"]),
    "uber_dimensions": ({}, ["storage.googleapis.com/uber-data-engineering-project/uber_data.csv"]),
    "weather_api": (
        {"env": {"WEATHER_API_KEY": "throw-away"}},
        ["history?q=Berlin&page=1", "weather.hourly"],
    ),
    "yellow_taxi_course": (
        {"env": {"POSTGRES_SCHEMA": "public"}},
        ["yellow_tripdata_2021-01.csv.gz", "ny_taxi.yellow_cab_data"],
    ),
    "zip_download": ({}, ["bike+sharing+dataset.zip"]),
}


def test_every_project_is_in_both_tables():
    there = {path.name for path in PROJECTS.iterdir() if path.is_dir()}
    assert set(PROPOSED) == there
    assert {name.partition("/")[0] for name, _ in SERVICES} == there


@pytest.mark.parametrize(("project", "pipeline"), SERVICES)
def test_the_services_of_each_pipeline_are_seen(project, pipeline):
    read = read_project(PROJECTS / project)
    assert set(inspect(read, read.pipeline(pipeline)).services) == SERVICES[project, pipeline]


@pytest.mark.parametrize("name", PROPOSED)
def test_what_is_written_names_variables_and_addresses(proposed, name):
    wanted, words = PROPOSED[name]
    settings, shown = proposed(name)
    assert wanted.items() <= settings.items()
    assert settings.get("env", {}) == wanted.get("env", {})
    assert settings.get("secrets", {}) == wanted.get("secrets", {})
    assert [word for word in words if word not in shown] == []


def test_no_file_is_asked_for_that_the_pipeline_makes_itself(proposed):
    assert "missing-file" not in proposed("ingest_in_chunks")[1]


def test_the_page_has_a_row_for_each_project_with_a_test_that_names_it():
    page = (ROOT / "docs" / "projects.md").read_text()
    rows = re.findall(r"^\| .+ \| ((?:`\w+`(?:, )?)+) \| .+ \| `(.+)` \|$", page, re.MULTILINE)
    held = {name: test for names, test in rows for name in re.findall(r"`(\w+)`", names)}
    assert set(PROPOSED) <= set(held)
    for name, test in held.items():
        file = test if test.endswith(".py") else f"public/test_public_{test}.py"
        assert name in (ROOT / "tests" / "integration" / file).read_text(), name
