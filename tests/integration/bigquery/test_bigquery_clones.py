"""Copy jobs that keep a state of a table."""

from __future__ import annotations

import datetime as dt

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import bigquery as bq


@pytest.fixture
def table(client):
    client.query_and_wait(
        "CREATE TABLE d.t (a INT64, day DATE) PARTITION BY day OPTIONS (description = 'told')"
    )
    client.query_and_wait("INSERT d.t VALUES (1, '2024-01-01'), (2, '2024-01-02')")
    return "d.t"


def copy(client, source, destination, kind, **options):
    config = bq.CopyJobConfig(operation_type=kind, **options)
    client.copy_table(source, destination, job_config=config).result()


def values(client, table):
    return sorted(row.a for row in client.list_rows(table))


@pytest.mark.parametrize("kind", ["SNAPSHOT", "CLONE"])
def test_a_state_stays_as_it_was(client, table, kind):
    copy(client, table, "d.kept", kind)
    client.query_and_wait("INSERT d.t VALUES (3, '2024-01-03')")
    assert values(client, "d.kept") == [1, 2]
    kept = client.get_table("d.kept")
    assert (kept.description, kept.time_partitioning.field) == ("told", "day")
    assert kept.table_type == ("SNAPSHOT" if kind == "SNAPSHOT" else "TABLE")
    told = kept.snapshot_definition if kind == "SNAPSHOT" else kept.clone_definition
    assert told.base_table_reference.table_id == "t"
    with pytest.raises(Conflict, match="Already Exists"):
        copy(client, table, "d.kept", kind)


def test_a_snapshot_is_brought_back(client, table):
    copy(client, table, "d.kept", "SNAPSHOT")
    client.query_and_wait("DELETE d.t WHERE a = 1")
    with pytest.raises(Conflict):
        copy(client, "d.kept", table, "RESTORE")
    copy(client, "d.kept", table, "RESTORE", write_disposition="WRITE_TRUNCATE")
    assert values(client, table) == [1, 2]
    assert client.get_table(table).table_type == "TABLE"
    copy(client, "d.kept", "d.another", "RESTORE")
    assert values(client, "d.another") == [1, 2]


def test_a_clone_may_change(client, table):
    copy(client, table, "d.kept", "CLONE")
    client.query_and_wait("UPDATE d.kept SET a = 9 WHERE a = 1")
    assert (values(client, "d.kept"), values(client, table)) == ([2, 9], [1, 2])


def test_a_snapshot_expires_when_it_is_told_to(client, table):
    moment = dt.datetime(2124, 1, 1, tzinfo=dt.UTC)
    copy(client, table, "d.kept", "SNAPSHOT", destination_expiration_time=moment.isoformat())
    assert client.get_table("d.kept").expires == moment


@pytest.mark.parametrize(
    ("source", "kind", "options", "error", "message"),
    [
        ("d.t", "RESTORE", {}, BadRequest, "currently a TABLE"),
        ("d.v", "SNAPSHOT", {}, BadRequest, "currently a VIEW"),
        ("d.none", "SNAPSHOT", {}, NotFound, "Not found: Table"),
        ("d.t", "CLONE", {"create_disposition": "CREATE_NEVER"}, NotFound, "Not found: Table"),
        ("d.t", "SNAPSHOT", {"destination_expiration_time": "soon"}, BadRequest, "Invalid value"),
        (
            "d.t",
            "SNAPSHOT",
            {"destination_expiration_time": "2020-01-01T00:00:00Z"},
            BadRequest,
            "future",
        ),
        ("d.t$20240101", "SNAPSHOT", {}, BadRequest, "Not supported by the BigQuery stub"),
        (["d.t", "d.t"], "CLONE", {}, BadRequest, "Not supported by the BigQuery stub"),
    ],
)
def test_what_is_refused_makes_nothing(client, table, source, kind, options, error, message):
    client.query_and_wait("CREATE VIEW d.v AS SELECT 1 AS a")
    with pytest.raises(error, match=message):
        copy(client, source, "d.kept", kind, **options)
    with pytest.raises(NotFound):
        client.get_table("d.kept")
