"""The stub's clock: what its SQL, its tables and its jobs take for the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import BadRequest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from harness.bigquery import BigQueryServer
from harness.clock.clock import Clock, offset_to

AT = datetime(2021, 2, 1, 5, tzinfo=UTC)
LATER = datetime(2021, 3, 1, 5, tzinfo=UTC)
SLACK = timedelta(minutes=5)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client(clock):
    server = BigQueryServer(clock=clock)
    server.start()
    client = bigquery.Client(
        project="p",
        credentials=AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=server.url),
    )
    yield client
    client.close()
    server.stop()


def rows(client, sql):
    return [tuple(row) for row in client.query(sql).result()]


def near(found, at):
    return at <= found < at + SLACK


def test_statements_give_the_time_of_the_clock(client, clock):
    clock.set(offset_to(AT))

    ((stamp, date, civil, again),) = rows(
        client,
        "SELECT CURRENT_TIMESTAMP(), CURRENT_DATE(), CURRENT_DATETIME(), "
        "(SELECT MAX(CURRENT_TIMESTAMP()) FROM UNNEST([1, 2]))",
    )

    assert near(stamp, AT)
    assert again == stamp
    assert date == AT.date()
    assert near(civil.replace(tzinfo=UTC), AT)


def test_a_default_takes_the_time_of_each_insert_and_not_that_of_the_table(client, clock):
    client.create_dataset("d")
    rows(
        client,
        "CREATE TABLE d.t (a INT64, b TIMESTAMP DEFAULT CURRENT_TIMESTAMP(), "
        "c DATE DEFAULT CURRENT_DATE())",
    )
    clock.set(offset_to(AT))
    rows(client, "INSERT INTO d.t (a) VALUES (1)")
    clock.set(offset_to(LATER))
    client.insert_rows_json("p.d.t", [{"a": 2}])

    (_, first, day), (_, second, other) = rows(client, "SELECT * FROM d.t ORDER BY a")

    assert near(first, AT)
    assert day == AT.date()
    assert near(second, LATER)
    assert other == LATER.date()


def test_tables_datasets_and_jobs_are_made_by_the_clock(client, clock):
    clock.set(offset_to(AT))
    dataset = client.get_dataset(client.create_dataset("d"))
    job = client.query("CREATE TABLE d.t AS SELECT 1 AS a")
    job.result()
    table = client.get_table("d.t")

    for moment in (dataset.created, table.created, table.modified, job.created, job.ended):
        # Milliseconds are cut off.
        assert near(moment + timedelta(milliseconds=1), AT)
    assert job.created <= table.created <= job.ended


def test_rows_go_to_the_partition_of_the_day_by_the_clock(client, clock):
    client.create_dataset("d")
    rows(client, "CREATE TABLE d.t (a INT64) PARTITION BY _PARTITIONDATE")
    clock.set(offset_to(AT))
    rows(client, "INSERT INTO d.t (a) VALUES (1)")

    assert rows(client, "SELECT _PARTITIONDATE FROM d.t") == [(AT.date(),)]


def test_partitions_expire_by_the_clock(client, clock):
    clock.set(offset_to(AT))
    client.create_dataset("d")
    rows(
        client, "CREATE TABLE d.t (a DATE) PARTITION BY a OPTIONS (partition_expiration_days = 10)"
    )
    rows(client, "INSERT INTO d.t VALUES (DATE '2021-01-31'), (DATE '2021-01-01')")

    assert rows(client, "SELECT * FROM d.t") == [(AT.date() - timedelta(days=1),)]
    clock.set(offset_to(LATER))
    assert rows(client, "SELECT * FROM d.t") == []


def test_time_travel_is_by_the_clock(client, clock):
    clock.set(offset_to(AT))
    client.create_dataset("d")
    rows(client, "CREATE TABLE d.t AS SELECT 1 AS a")

    assert rows(client, "SELECT * FROM d.t FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()") == [(1,)]
    with pytest.raises(BadRequest, match="into the future"):
        rows(client, "SELECT * FROM d.t FOR SYSTEM_TIME AS OF TIMESTAMP '2021-02-02'")


def test_a_clock_that_is_set_back_to_nothing_gives_the_real_time(client, clock):
    clock.set(offset_to(AT))
    rows(client, "SELECT CURRENT_TIMESTAMP()")
    clock.set(0)

    ((found,),) = rows(client, "SELECT CURRENT_TIMESTAMP()")

    assert abs(found.timestamp() - time.time()) < SLACK.total_seconds()


def test_a_view_is_read_by_the_clock_also_without_a_call(clock):
    from harness.services.bigquery import BigQueryStub

    service = BigQueryStub(project="p")
    service.start()
    try:
        clock.set(offset_to(AT))
        service.keep_time(clock)
        client = service.client()
        client.create_dataset("d")
        rows(client, "CREATE VIEW d.v AS SELECT CURRENT_DATE() AS today")

        assert service.read("d.v").to_pydict() == {"today": [AT.date()]}
    finally:
        service.stop()
