"""What pipelines do with databases and files: profiles, chunks, COPY, days, marts."""

from __future__ import annotations

from tests.walls import needs_namespace

SHOP = {
    "postgres/shop.orders.csv": (
        "order_id,ordered_at,status\n1,2021-02-01,paid\n2,2021-02-01,cancelled\n3,2021-02-02,paid\n"
    ),
    "postgres/shop.order_items.csv": (
        "order_id,price,quantity\n1,2.5,2\n1,1.0,1\n2,9.0,1\n3,4.0,3\n"
    ),
}


def test_profiles_are_chosen_by_a_variable_and_each_leads_to_the_private_servers(world):
    world.run("several_profiles", "order_totals", seeds=SHOP).require_success()
    rows = world.rows()
    assert rows["dev.order_totals"] == 2
    assert rows["analytics-dev/orders/totals.csv"] == 2
    production = {"MAGE_PROFILE": "prod", "PROD_USER": "x", "PROD_PASSWORD": "x"}
    world.run("several_profiles", "order_totals", seeds=SHOP, env=production).require_success()
    rows = world.rows()
    assert rows["prod.order_totals"] == 2
    assert rows["analytics-prod/orders/totals.csv"] == 2
    assert world.stack.postgres.read("prod.order_totals")["total"].to_pylist() == [6.0, 12.0]


def test_tables_that_are_not_there_are_each_asked_for_once(world):
    done = world.run("several_profiles", "order_totals")
    told = [one.message for one in done.problems]
    for table in ("shop.orders", "shop.order_items"):
        assert sum(f"seeds/postgres/{table}.csv" in one for one in told) == 1
    assert [one.code for one in done.problems][-1] == "missing-seed"


def test_a_file_fetched_by_a_program_is_inserted_in_chunks(world):
    done = world.run("ingest_in_chunks", "ingest")
    done.require_success()
    assert world.rows() == {"public.yellow_taxi_trips": 10}
    assert "led to the private PostgreSQL: pgdatabase:5432" in " ".join(world.told)


def test_rows_by_copy_are_upserted_and_a_second_run_adds_none(world):
    for keep in (False, True):
        world.run("copy_and_upsert", "stations", keep=keep).require_success()
        assert world.rows() == {"bikes.stations": 2}
    stations = world.stack.postgres.read("bikes.stations")
    assert sorted(stations["num_bikes_available"].to_pylist()) == [0, 3]


def test_a_day_is_replaced_in_the_database_and_in_the_lake(world):
    for keep in (False, True):
        world.run(
            "incremental_by_day", "gh_archive", at="2021-02-01T05:00Z", keep=keep
        ).require_success()
        assert world.rows() == {"gh-archive-lake/events/": 6, "github.events": 6}
    days = world.stack.gcs.partitions("gh-archive-lake/events/")
    assert days == {"year=2021/month=02/day=01": 6}


def test_tables_of_files_in_the_project_are_joined_into_marts(world):
    world.run("shop_marts", "marts").require_success()
    assert world.rows() == {"olist-project.marts.orders": 3, "olist-project.marts.states": 2}
    states = world.stack.bigquery.read("olist-project.marts.states").sort_by("customer_state")
    assert states["orders"].to_pylist() == [1, 2]
    assert states["paid"].to_pylist() == [65.71, 124.39]


@needs_namespace
def test_what_lies_about_in_a_repository_is_in_nobodys_way(world):
    done = world.run("left_overs", "people")
    done.require_success()
    people = done.file("/home/src/left_overs/data/people.json").read_text()
    assert people == '[{"name":"José","born":1990.0},{"name":"Łucja","born":null}]'
