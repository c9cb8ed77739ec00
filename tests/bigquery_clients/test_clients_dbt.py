"""dbt-bigquery with a small project: each kind of model, and each run for a second time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess

PROJECT = Path(__file__).parent / "dbt_project"
EVENTS = """
CREATE SCHEMA raw;
CREATE TABLE raw.events (
  id INT64, customer_id INT64, happened_at TIMESTAMP, status STRING, amount NUMERIC
);
INSERT INTO raw.events VALUES
  (1, 1, '2021-01-31 10:00:00+00', 'open', 1.5),
  (2, 1, '2021-01-31 11:00:00+00', 'paid', 20),
  (3, 2, '2021-02-01 12:00:00+00', 'open', 30.25);
CREATE TABLE raw.people (id INT64, name STRING);
INSERT INTO raw.people VALUES (1, 'Ann'), (2, 'Bob');
"""
LATER = """
UPDATE raw.events SET status = 'paid' WHERE id = 3;
INSERT INTO raw.events VALUES
  (4, 3, '2021-02-01 13:00:00+00', 'open', 4),
  (5, 3, '2021-02-02 09:00:00+00', 'open', 5);
UPDATE raw.people SET name = 'Anna' WHERE id = 1;
INSERT INTO raw.people VALUES (3, 'Cem');
"""


class Dbt:
    """The command, in a copy of the project."""

    def __init__(self, environment, folder: Path) -> None:
        self.environment = environment
        self.folder = shutil.copytree(PROJECT, folder / "shop")
        self.program = str(environment.python.parent / "dbt")

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.environment.run(
            [self.program, *arguments, "--profiles-dir", "."], folder=self.folder, **variables
        )

    def done(self, *arguments: str, **variables: str) -> str:
        """Run a command that must succeed, and give what it said."""
        done = self(*arguments, **variables)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def artifact(self, name: str) -> dict:
        return json.loads((self.folder / "target" / f"{name}.json").read_text("utf-8"))


@pytest.fixture
def dbt(environment, tmp_path) -> Dbt:
    return Dbt(environment("dbt"), tmp_path)


@pytest.fixture
def client(stub):
    with stub.client() as client:
        for statement in EVENTS.split(";"):
            if statement.strip():
                client.query_and_wait(statement)
        yield client


def rows_of(client, sql: str) -> list[tuple]:
    return [row.values() for row in client.query_and_wait(sql)]


def changed(client) -> None:
    for statement in LATER.split(";"):
        if statement.strip():
            client.query_and_wait(statement)


@pytest.mark.slow
def test_debug_by_variables_and_by_the_profile_alone(dbt, stub) -> None:
    assert "All checks passed!" in dbt.done("debug")
    alone = {
        "BIGQUERY_EMULATOR_HOST": "",
        "GOOGLE_APPLICATION_CREDENTIALS": "",
        "STUB": stub.url,
    }
    assert "All checks passed!" in dbt.done("debug", "--target", "by_profile", **alone)


@pytest.mark.slow
def test_a_project_from_its_first_run_to_its_docs(dbt, client) -> None:
    dbt.done("build")
    first = everything(client)
    assert first == {
        "customers": [(1, "Ann"), (2, "Bob, the elder"), (3, "Çelik")],
        "daily": [("2021-01-31", "open", 1), ("2021-01-31", "paid", 1), ("2021-02-01", "open", 1)],
        "merged": [(1, "Ann", "open"), (2, "Ann", "paid"), (3, "Bob, the elder", "open")],
        "static_days": [("2021-01-31", 2), ("2021-02-01", 1)],
        "dynamic_days": [("2021-01-31", 2), ("2021-02-01", 1)],
        "copied_days": [("2021-01-31", 2), ("2021-02-01", 1)],
        "widened": [(1, "open"), (2, "paid"), (3, "open")],
        "history": [(1, "Ann", True), (2, "Bob", True)],
    }
    facts_of_tables(client)

    dbt.done("build")
    assert everything(client) == first, "the second run changes nothing"

    changed(client)
    dbt.done("build", "--vars", "wide: true")
    assert everything(client) == {
        "customers": first["customers"],
        "daily": [
            ("2021-01-31", "open", 1),
            ("2021-01-31", "paid", 1),
            ("2021-02-01", "open", 1),
            ("2021-02-01", "paid", 1),
            ("2021-02-02", "open", 1),
        ],
        "merged": [
            (1, "Ann", "open"),
            (2, "Ann", "paid"),
            (3, "Bob, the elder", "paid"),
            (4, "Çelik", "open"),
            (5, "Çelik", "open"),
        ],
        "static_days": [("2021-01-31", 2), ("2021-02-01", 2), ("2021-02-02", 1)],
        "dynamic_days": [("2021-01-31", 2), ("2021-02-01", 2), ("2021-02-02", 1)],
        "copied_days": [("2021-01-31", 2), ("2021-02-01", 2), ("2021-02-02", 1)],
        "widened": [(1, "open"), (2, "paid"), (3, "paid"), (4, "open"), (5, "open")],
        "history": [
            (1, "Ann", False),
            (1, "Anna", True),
            (2, "Bob", True),
            (3, "Cem", True),
        ],
    }
    assert [field.name for field in client.get_table("shop.widened").schema] == [
        "id",
        "status",
        "amount",
    ]
    docs_are_whole(dbt)

    dbt.done("run", "--full-refresh")
    assert [field.name for field in client.get_table("shop.widened").schema] == ["id", "status"]
    assert rows_of(client, "SELECT COUNT(*) FROM shop.merged") == [(5,)]


def everything(client) -> dict[str, list[tuple]]:
    """What all models hold, in the order of their keys."""
    day = "CAST(day AS STRING)"
    return {
        "customers": rows_of(client, "SELECT id, name FROM shop.customers ORDER BY id"),
        "daily": rows_of(client, f"SELECT {day}, status, events FROM shop.daily ORDER BY 1, 2"),
        "merged": rows_of(client, "SELECT id, name, status FROM shop.merged ORDER BY id"),
        "static_days": rows_of(client, f"SELECT {day}, events FROM shop.static_days ORDER BY 1"),
        "dynamic_days": rows_of(client, f"SELECT {day}, events FROM shop.dynamic_days ORDER BY 1"),
        "copied_days": rows_of(client, f"SELECT {day}, events FROM shop.copied_days ORDER BY 1"),
        "widened": rows_of(client, "SELECT id, status FROM shop.widened ORDER BY id"),
        "history": rows_of(
            client,
            "SELECT id, name, dbt_valid_to IS NULL FROM history.customers_history "
            "ORDER BY id, dbt_valid_from",
        ),
    }


def facts_of_tables(client) -> None:
    """What is said of a table beside its rows has arrived."""
    daily = client.get_table("shop.daily")
    assert (daily.time_partitioning.field, daily.time_partitioning.type_) == ("day", "DAY")
    assert daily.time_partitioning.expiration_ms == 36500 * 86_400_000
    assert daily.clustering_fields == ["status"]
    assert daily.labels == {"owner": "shop"}
    assert daily.description == "Sums of each day"
    assert {field.name: field.description for field in daily.schema} == {
        "day": "The day of the events",
        "status": None,
        "events": None,
        "total": "Its sum",
    }
    assert client.list_partitions("shop.daily") == ["20210131", "20210201"]
    events = client.get_table("shop.events")
    assert events.table_type == "VIEW"
    assert events.description == 'All events, as they came; it\'s "quoted"'
    assert events.schema[0].description == "The event's number"
    seed = client.get_table("shop.customers")
    assert [(field.name, field.field_type) for field in seed.schema] == [
        ("id", "INTEGER"),
        ("name", "STRING"),
        ("since", "DATE"),
    ]


def docs_are_whole(dbt: Dbt) -> None:
    dbt.done("docs", "generate")
    catalog = dbt.artifact("catalog")
    assert not catalog["errors"]
    daily = catalog["nodes"]["model.shop.daily"]
    assert daily["metadata"]["type"] == "table"
    assert {name: one["type"] for name, one in daily["columns"].items()} == {
        "day": "DATE",
        "status": "STRING",
        "events": "INT64",
        "total": "NUMERIC",
    }
    assert daily["columns"]["total"]["comment"] == "Its sum"
    assert daily["stats"]["num_rows"]["value"] == 5
    assert catalog["nodes"]["model.shop.events"]["metadata"]["type"] == "view"
    assert "source.shop.raw.events" in catalog["sources"]


@pytest.mark.slow
def test_a_failing_test_and_an_error_of_sql_are_told(dbt, client) -> None:
    client.query_and_wait("INSERT INTO raw.events VALUES (1, 9, '2021-02-01', 'lost', -1)")
    dbt.done("run", "--select", "events")
    dbt.done("seed")
    told = dbt("test", "--select", "events,test_type:data", "source:raw")
    assert told.returncode == 1
    failed = {
        one["unique_id"].split(".")[2]
        for one in dbt.artifact("run_results")["results"]
        if one["status"] == "fail"
    }
    assert failed == {
        "accepted_values_events_status__open__paid",
        "no_negative_amount",
        "relationships_events_customer_id__id__ref_customers_",
        "source_unique_raw_events_id",
        "unique_events_id",
    }
    (dbt.folder / "models" / "broken.sql").write_text("select nothing from {{ ref('events') }}")
    assert "Unrecognized name: nothing at [" in dbt("run", "--select", "broken").stdout


@pytest.mark.slow
def test_freshness_of_a_source(dbt, client) -> None:
    client.query_and_wait(
        "INSERT INTO raw.events (id, happened_at) VALUES (9, CURRENT_TIMESTAMP())"
    )
    dbt.done("source", "freshness", "--select", "source:raw.events")
    (told,) = dbt.artifact("sources")["results"]
    assert told["status"] == "pass"
