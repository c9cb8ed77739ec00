"""dbt blocks with each kind of profile, in projects whose profiles name their author's world."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.expect import Expect
from harness.running.notes import notes
from tests.walls import needs_namespace

pytestmark = pytest.mark.slow
PROJECTS = Path(__file__).parents[2] / "projects"


@pytest.fixture(scope="module")
def orders(run):
    done = run("shape_dbt_postgres", "orders", secrets={"warehouse_password": "throw-away"})
    done.require_success()
    return done


def test_models_seeds_and_snapshots_end_in_the_private_postgres(orders, stack):
    expect = Expect(postgres=lambda: stack.postgres)
    expect.table("analytics.mage_orders_load_orders").rows(3)
    expect.table("analytics.stg_orders").rows(3).schema({"order_id": "integer"}, partial=True)
    expect.table("analytics.zones").rows(2)
    expect.table("history.orders_history").rows(3)
    daily = expect.table("analytics_marts.daily").arrow().sort_by("zone").to_pylist()
    assert [(row["zone"], row["amount"]) for row in daily] == [("north", 10.0), ("south", 30.5)]
    assert orders.block("count_orders").rows_in == 3


def test_what_dbt_came_to_is_a_fact_of_the_run(orders):
    held = {one.relation: one.rows for one in orders.dbt if one.kind != "test"}
    assert held == {
        "analytics.mage_orders_load_orders": 3,
        "analytics.stg_orders": None,
        "analytics.zones": 2,
        "analytics_marts.daily": 2,
        "analytics_marts.late": 0,
        "history.orders_history": 3,
    }
    tests = {one.name: (one.block, one.status) for one in orders.dbt if one.kind == "test"}
    assert tests["no_negative_amount"] == ("marts", "pass")
    assert tests["unique_stg_orders_order_id"] == ("dbt/shop/models/staging/stg_orders", "pass")
    assert {one.file for one in orders.dbt if one.name == "daily"} == {
        "dbt/shop/models/marts/daily.sql"
    }


def test_where_it_was_led_and_what_it_left_empty_is_told(orders):
    led, *others = notes(orders.process.events)
    assert led.startswith("led to the private PostgreSQL: ")
    assert "(unset):5433" in led
    assert "dbt wrote no rows to analytics_marts.late" in others
    assert "nothing of the dbt project matches resource_type:unit_test" in others


def test_the_source_is_untouched_and_dbt_tells_nobody(orders, stack):
    dbt = PROJECTS / "shape_dbt_postgres" / "dbt" / "shop"
    assert not {"target", "logs", "dbt_packages"} & {one.name for one in dbt.iterdir()}
    assert [one.name for one in (dbt / "seeds").iterdir()] == ["zones.csv"]
    assert not [one for one in orders.process.events if one["event"] == "connection_refused"]
    assert not stack.http.requests()


@pytest.fixture(scope="module")
def daily(run):
    done = run("shape_dbt_bigquery", "daily")
    done.require_success()
    return done


def test_models_end_in_the_private_bigquery_by_every_way_to_sign_in(daily, stack):
    expect = Expect(bigquery=lambda: stack.bigquery)
    expect.bigquery("trips_dev_marts.dim_zones").rows(2)
    expect.bigquery("trips_dev.stg_trips").rows(3)
    fares = expect.bigquery("trips_dev_marts.fct_daily").rows(2)
    fares.partitions(["20210131", "20210201"])
    assert sorted(fares.arrow()["fare"].to_pylist()) == [7.25, 13.5]
    assert {one.relation for one in daily.dbt if one.block == "by_secrets"} == {"trips.stg_trips"}


def test_a_test_that_only_warns_is_told_and_no_problem(daily):
    (told,) = [one for one in notes(daily.process.events) if "only warn" in one]
    assert "accepted_values_fct_daily_trips" in told
    assert {one.rows for one in daily.dbt if one.name == "fct_daily"} == {2}


@needs_namespace
def test_files_of_duckdb_packages_that_lie_there_and_models_within_others(run, stack):
    done = run("shape_dbt_duckdb", "lake")
    done.require_success()
    expect = Expect(duckdb=lambda: stack.service("duckdb"))
    totals = expect.duckdb("/home/src/data/lake.duckdb", "main.totals").rows(2)
    assert sorted(totals.arrow()["cents"].to_pylist()) == [125, 750]
    assert [one.name for one in done.dbt] == ["totals"]
    assert "dbt's packages are those that lie in dbt/lake" in notes(done.process.events)
