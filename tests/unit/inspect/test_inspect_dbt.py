"""What dbt blocks read and write, by the source of their dbt project."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.inspect.dbt_nodes import nodes_of
from harness.inspect.dbt_selection import selected
from harness.inspect.inspection import inspect
from harness.project.dbt import project_of
from harness.project.reader import read_project

PROJECTS = Path(__file__).parents[2] / "projects"


def seen(name, pipeline):
    project = read_project(PROJECTS / name)
    return inspect(project, project.pipeline(pipeline))


def names(uses):
    return {use.value or use.name for use in uses}


def test_models_seeds_snapshots_and_frames_are_sinks_and_what_nobody_makes_is_a_source():
    found = seen("shape_dbt_postgres", "orders")
    assert names(found.sources) == {"crm.customers"}
    assert names(found.sinks) == {
        "crm.customers",
        "analytics.mage_orders_load_orders",
        "analytics.stg_orders",
        "analytics.zones",
        "analytics_marts.daily",
        "analytics_marts.late",
        "history.orders_history",
    }
    (daily,) = [use for use in found.sinks if use.detail == "model daily"]
    assert (daily.block, daily.service) == ("marts", "postgres")
    assert daily.place == "dbt/shop/models/marts/daily.sql:1"


def test_other_projects_of_bigquery_and_each_target_of_a_profile():
    found = seen("shape_dbt_bigquery", "daily")
    assert names(found.sources) == {"acme-lake.raw.trips"}
    assert {"trips_dev_marts.fct_daily", "trips_dev.stg_trips", "trips.stg_trips"} < names(
        found.sinks
    )
    assert [(use.name, use.detail) for use in found.of("connection")] == [
        ("bigquery", "dev"),
        ("bigquery", "prod"),
    ]


def test_files_behind_sources_and_models_that_are_only_part_of_others():
    found = seen("shape_dbt_duckdb", "lake")
    assert names(found.sources) == {"/home/src/data/fares.parquet"}
    assert "main.totals" in names(found.sinks)
    assert "main.paid" not in names(found.sinks)
    assert found.services == ("duckdb",)


def test_a_target_that_nobody_uses_asks_for_no_service():
    assert seen("shape_dbt_failing", "failing").services == ("duckdb",)


@pytest.mark.parametrize(
    ("arguments", "command", "wanted"),
    [
        ("", "run", {"stg_orders", "daily", "late"}),
        ("--select stg_orders", "run", {"stg_orders"}),
        ("-s stg_orders+ --full-refresh", "run", {"stg_orders", "daily", "late"}),
        ("--models +daily", "build", {"stg_orders", "daily", "zones"}),
        ("--select marts --exclude late", "run", {"daily"}),
        ("--select path:models/staging shop.marts.late", "run", {"stg_orders", "late"}),
        ("--select models/marts/", "run", {"daily", "late"}),
        ("--select=d*", "run", {"daily"}),
        ("--select tag:nightly", "run", {"stg_orders", "daily", "late"}),
        ("--exclude tag:nightly", "seed", {"zones"}),
        ("--select nowhere", "run", set()),
        ("--select daily", "test", set()),
    ],
)
def test_what_a_selection_makes(arguments, command, wanted):
    project = read_project(PROJECTS / "shape_dbt_postgres")
    block = next(one for one in project.pipeline("orders").blocks if one.type == "dbt")
    dbt = project_of(project, block)
    found = selected(nodes_of(project, dbt), arguments, command=command)
    assert {node.name for node in found} == wanted
