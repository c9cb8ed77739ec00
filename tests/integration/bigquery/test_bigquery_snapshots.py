"""States that are kept and brought back."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery as bq

from harness.bigquery import BigQueryServer


@pytest.fixture
def server():
    server = BigQueryServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(server):
    with bq.Client(
        project="p", credentials=AnonymousCredentials(), client_options={"api_endpoint": server.url}
    ) as client:
        client.create_dataset("d")
        client.query_and_wait("CREATE TABLE d.t (a INT64 NOT NULL, b STRING) CLUSTER BY a")
        client.query_and_wait("INSERT INTO d.t (a, b) VALUES (1, 'x'), (2, 'y')")
        client.query_and_wait("CREATE TABLE d.same AS SELECT 1 AS a")
        yield client


def rows(client, table="d.t"):
    return [tuple(row) for row in client.list_rows(table)]


def test_what_was_changed_comes_back(server, client):
    schema = client.get_table("d.t").schema
    kept = server.snapshot()
    for _ in range(2):
        client.query_and_wait("UPDATE d.t SET b = 'z' WHERE a = 1")
        client.query_and_wait("CREATE TABLE d.new AS SELECT 1 AS a")
        client.query_and_wait("DROP TABLE d.same")
        client.create_dataset("other")
        table = client.get_table("d.t")
        table.schema = [*table.schema, bq.SchemaField("c", "FLOAT")]
        client.update_table(table, ["schema"])
        server.restore(kept)
        assert sorted(rows(client)) == [(1, "x"), (2, "y")]
        assert rows(client, "d.same") == [(1,)]
        assert client.get_table("d.t").schema == schema
        assert [one.dataset_id for one in client.list_datasets()] == ["d"]
        with pytest.raises(NotFound):
            client.get_table("d.new")


def test_a_deleted_dataset_and_a_reset_come_back(server, client):
    kept = server.snapshot()
    client.delete_dataset("d", delete_contents=True)
    server.restore(kept)
    assert len(rows(client)) == 2
    server.reset()
    assert list(client.list_datasets()) == []
    server.restore(kept)
    assert len(rows(client)) == 2


def test_jobs_since_then_are_forgotten(server, client):
    before = len(list(client.list_jobs()))
    kept = server.snapshot()
    client.query("SELECT 1 AS a", job_id="later", job_retry=None).result()
    server.restore(kept)
    assert len(list(client.list_jobs())) == before
    client.query("SELECT 1 AS a", job_id="later", job_retry=None).result()


def test_two_states(server, client):
    first = server.snapshot()
    client.query_and_wait("DELETE FROM d.t WHERE a = 1")
    second = server.snapshot()
    for kept, count in ((first, 2), (second, 1), (first, 2), (second, 1)):
        server.restore(kept)
        assert len(rows(client)) == count


def test_a_table_among_many_comes_back(server, client):
    for number in range(20):
        client.query_and_wait(f"CREATE TABLE d.t{number} AS SELECT {number} AS a")
    kept = server.snapshot()
    client.query_and_wait("DROP TABLE d.t1")
    server.restore(kept)
    assert rows(client, "d.t1") == [(1,)]


def test_a_server_that_is_not_started_has_no_state():
    with pytest.raises(RuntimeError, match="not started"):
        BigQueryServer().snapshot()


def test_a_state_that_nobody_holds_takes_no_room(server, client):
    def tables():
        return server.catalog.database.scalar("SELECT count(*) FROM duckdb_tables()")

    first = server.snapshot()
    before = tables()
    for number in range(5):
        client.query_and_wait(f"INSERT INTO d.t (a) VALUES ({number + 10})")
        kept = None
        kept = server.snapshot()
    # A second state of d.t; d.same has one.
    assert tables() == before + 1
    server.restore(first)
    assert len(rows(client)) == 2
    server.restore(kept)
    assert len(rows(client)) == 7
    first = None
    client.query_and_wait("SELECT 1 AS a")
    assert tables() <= before + 1
