"""BigQuery by its address: our own stub, run by somebody else, who uses it too."""

from __future__ import annotations

import subprocess
import sys
import time

import pyarrow as pa
import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import bigquery

from harness.errors import InputError, MissingSinkError, ServiceError
from harness.services.bigquery import BigQueryStub
from harness.services.given import lease
from harness.services.given.bigquery import GivenBigQuery
from harness.services.given.bigquery_client import sql_type
from harness.services.given.bigquery_mark import LEASE
from harness.services.protocol import Service

PROJECT = "harness-project"


@pytest.fixture(scope="module")
def running_stub():
    stub = BigQueryStub(project=PROJECT)
    stub.start()
    yield stub
    stub.stop()


@pytest.fixture
def stub(running_stub):
    running_stub.reset()
    return running_stub


@pytest.fixture
def other(stub):
    """The client of who uses the server besides."""
    with stub.client() as client:
        client.create_dataset("theirs")
        client.query("CREATE TABLE theirs.kept AS SELECT 1 AS a").result()
        yield client


@pytest.fixture
def given(stub, other):
    service = GivenBigQuery(stub.url, project=PROJECT)
    service.start()
    yield service
    service.stop()


def datasets(client):
    return sorted(one.dataset_id for one in client.list_datasets())


def test_it_keeps_the_protocol_and_leads_pipelines_there(given, stub):
    assert isinstance(given, Service)
    # Where another emulator serves rows as Arrow, if it does, only its user knows.
    assert given.environment() == {"BIGQUERY_EMULATOR_HOST": stub.url}
    assert given.values() == {
        "bigquery_endpoint": stub.url,
        "bigquery_dataset": "mage_harness_dataset",
    }
    assert given.overlay() == {}


TABLES = """
CREATE TABLE taxi.all_types (
  i INT64 NOT NULL, f FLOAT64, n NUMERIC, b BOOL, s STRING, y BYTES, d DATE, t TIME,
  dt DATETIME, ts TIMESTAMP, a ARRAY<INT64>, r STRUCT<x INT64, y ARRAY<STRING>>);
INSERT INTO taxi.all_types VALUES
  (1, 1.5, NUMERIC '2.25', TRUE, 'é', CAST('x' AS BYTES), DATE '2021-01-31', TIME '12:30:00',
   DATETIME '2021-01-31 12:30:00', TIMESTAMP '2021-01-31 12:30:00+00', [1, 2],
   STRUCT(1 AS x, ['p', 'q'] AS y)),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, [], NULL);
CREATE TABLE taxi.days (day DATE, n INT64) PARTITION BY day;
INSERT INTO taxi.days VALUES
  (DATE '2021-01-01', 1), (DATE '2021-01-31', 2), (DATE '2021-01-31', 3), (NULL, 4)
"""


def test_tables_rows_and_partitions_are_as_the_stub_itself_tells_them(given, stub, other):
    other.create_dataset("taxi")
    for statement in TABLES.split(";"):
        other.query(statement).result()
    plain = [(one.name, one.rows, one.columns) for one in stub.inventory()]
    assert [(one.name, one.rows, one.columns) for one in given.inventory()] == [
        one for one in plain if not one[0].startswith(LEASE)
    ]
    for name in ("taxi.all_types", "taxi.days", "theirs.kept"):
        assert given.describe(name).columns == stub.describe(name).columns
        assert given.partitions(name) == stub.partitions(name)
        theirs, ours = stub.read(name), given.read(name)
        first = "n" if name == "taxi.days" else theirs.column_names[0]
        order = [(first, "ascending")]
        assert ours.sort_by(order).to_pylist() == theirs.sort_by(order).to_pylist()
    assert given.partitions("taxi.days") == {"20210101": 1, "20210131": 2, "__NULL__": 1}
    assert given.read("taxi.days").schema.field("day").type == pa.date32()
    assert given.describe(f"{PROJECT}.taxi.days").name == "taxi.days"


def test_a_view_is_read_by_a_query(given, monkeypatch):
    # Rows cannot be listed from a view.
    monkeypatch.setattr(bigquery.Table, "table_type", "VIEW")
    monkeypatch.setattr(bigquery.Client, "list_rows", None)
    assert given.describe("theirs.kept").rows == 1
    assert given.read("theirs.kept").to_pylist() == [{"a": 1}]


def test_streamed_rows_are_counted(given, other, monkeypatch):
    monkeypatch.setattr(bigquery.Table, "num_rows", 0)
    assert given.describe("theirs.kept").rows == 0
    monkeypatch.setattr(bigquery.Table, "streaming_buffer", object())
    assert given.describe("theirs.kept").rows == 1


def test_the_version_changes_with_each_write(given, other):
    before = given.describe("theirs.kept").version
    assert given.describe("theirs.kept").version == before
    other.query("INSERT INTO theirs.kept VALUES (2)").result()
    assert given.describe("theirs.kept").version != before


@pytest.mark.parametrize("name", ["theirs.keep", "their.kept", "kept", "a.b.c.d", f"{LEASE}.x"])
def test_a_missing_table_names_the_nearest(given, name):
    for ask in (given.describe, given.read, given.partitions):
        with pytest.raises(MissingSinkError, match=r"theirs\.kept"):
            ask(name)


def test_failed_jobs_are_incidents_and_look_ups_are_not(given, other):
    with pytest.raises(BadRequest):
        other.query("SELECT nonsense FROM theirs.kept").result()
    time.sleep(0.01)
    since = time.time()
    with pytest.raises(NotFound):
        other.query("SELECT 1 FROM theirs.nope").result()
    with pytest.raises(NotFound):
        other.query("SELECT * FROM nowhere.__TABLES_SUMMARY__").result()
    with pytest.raises(Conflict):
        other.query("CREATE TABLE theirs.kept (a INT64)").result()
    found = given.incidents(since)
    assert [(one.code, one.detail, one.raises) for one in found] == [
        ("bigquery-job-failed", "SELECT 1 FROM theirs.nope", ("NotFound",)),
        ("bigquery-job-failed", "CREATE TABLE theirs.kept (a INT64)", ("Conflict",)),
    ]
    assert "theirs.nope" in found[0].message
    assert len(given.incidents(0)) == 3
    assert given.incidents(time.time() + 1) == []


def test_the_harnesss_own_failed_queries_are_no_incidents(given):
    with pytest.raises(ServiceError, match="did not answer a question"):
        given._query("SELECT nonsense")
    assert given.incidents(0) == []


def test_reset_and_end_delete_only_datasets_made_since(given, other):
    other.create_dataset("taxi")
    other.query("CREATE TABLE taxi.t AS SELECT 1 AS a").result()
    other.query("CREATE TABLE theirs.new AS SELECT 1 AS a").result()
    given.reset()
    assert datasets(other) == [LEASE, "theirs"]
    assert [one.name for one in given.inventory()] == ["theirs.kept", "theirs.new"]
    assert [note for note in given.notes if "the dataset theirs was there before" in note]
    other.create_dataset("taxi")
    given.stop()
    given.stop()
    assert datasets(other) == ["theirs"]
    with pytest.raises(ServiceError, match="not started"):
        given.inventory()


def test_a_second_session_is_refused_and_leaves_the_first_alone(given, stub, other):
    other.create_dataset("taxi")
    second = GivenBigQuery(stub.url, project=PROJECT)
    with pytest.raises(ServiceError, match="another session uses"):
        second.start()
    second.stop()
    assert datasets(other) == [LEASE, "taxi", "theirs"]


SESSION = """
import os, sys
from harness.machine.guardian import Guardian
from harness.services.given.bigquery import GivenBigQuery
service = GivenBigQuery(sys.argv[1], project=sys.argv[2], guardian=Guardian())
service.start()
with service.client() as client:
    client.create_dataset("mine")
    client.query("CREATE TABLE mine.t AS SELECT 1 AS a").result()
os.kill(os.getpid(), 9)
"""


def test_the_guardian_deletes_what_a_killed_session_made(stub, other):
    command = [sys.executable, "-c", SESSION, stub.url, PROJECT]
    assert subprocess.run(command, check=False, timeout=60).returncode == -9
    until = time.monotonic() + 60
    while datasets(other) != ["theirs"]:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_a_dead_session_left_to_do_does_not_touch_the_next_one(given, stub, other):
    other.create_dataset("taxi")
    will = {"before": [], "lease": {"host": "h", "pid": 1, "token": "of a dead one"}}
    GivenBigQuery(stub.url, project=PROJECT).carry_out(will)
    assert datasets(other) == [LEASE, "taxi", "theirs"]


def test_the_mark_of_a_dead_session_is_taken_over(stub, other, monkeypatch):
    monkeypatch.setattr(lease, "GRACE", 0.2)
    code = (
        "import os, sys\nfrom harness.services.given.bigquery import GivenBigQuery\n"
        f"GivenBigQuery(sys.argv[1], project={PROJECT!r}).start()\nos.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, stub.url], check=False, timeout=60)
    assert done.returncode == -9
    assert LEASE in datasets(other)
    service = GivenBigQuery(stub.url, project=PROJECT)
    service.start()
    service.stop()
    assert datasets(other) == ["theirs"]


def test_a_server_that_lists_no_jobs_is_told_of(stub, other, monkeypatch):
    from google.cloud.bigquery import Client

    def unknown(*_, **__):
        raise NotFound("no such method")

    monkeypatch.setattr(Client, "list_jobs", unknown)
    service = GivenBigQuery(stub.url, project=PROJECT)
    service.start()
    try:
        assert service.incidents(0) == ()
        assert [note for note in service.notes if "lists no jobs" in note]
    finally:
        service.stop()


def test_a_server_that_went_away_is_told_of_soon(monkeypatch):
    from harness.services.given import bigquery_client

    stub = BigQueryStub(project=PROJECT)
    stub.start()
    service = GivenBigQuery(stub.url, project=PROJECT)
    service.start()
    stub.stop()
    monkeypatch.setattr(bigquery_client, "_PATIENCE", 0.5)
    with pytest.raises(ServiceError, match="did not answer"):
        service.inventory()
    with pytest.raises(ServiceError, match="did not answer"):
        service.stop()
    service.stop()


def test_another_service_at_the_address_is_refused(storage):
    with pytest.raises(ServiceError, match="is not a bigquery service"):
        GivenBigQuery(storage.endpoint, project="p").start()
    with pytest.raises(InputError, match="Google's own"):
        GivenBigQuery("https://bigquery.googleapis.com", project="p")


def test_types_are_told_in_googlesql():
    field = bigquery.SchemaField(
        "r", "RECORD", "REPEATED", fields=[bigquery.SchemaField("x", "FLOAT")]
    )
    assert sql_type(field) == "ARRAY<STRUCT<x FLOAT64>>"
    assert sql_type(bigquery.SchemaField("g", "GEOGRAPHY")) == "GEOGRAPHY"
