"""While the files of an external table are fetched nobody waits for the catalog."""

from __future__ import annotations

import threading

import pytest

from harness.bigquery.loads import external_files
from harness.services.bigquery import BigQueryStub


@pytest.fixture
def world(gcs_server, monkeypatch):
    """A client, and for each object that was fetched whether the catalog's lock was free then."""
    url, put = gcs_server
    put("b", "x.csv", b"1,a\n2,b\n")
    stub = BigQueryStub(project="test-project", gcs_endpoint=url)
    stub.start()
    lock, fetched, free = stub._server.catalog.lock, external_files.fetched, []

    def take():
        free.append(lock.acquire(timeout=60))
        if free[-1]:
            lock.release()

    def watched(*arguments):
        taking = threading.Thread(target=take)
        taking.start()
        taking.join()
        return fetched(*arguments)

    monkeypatch.setattr(external_files, "fetched", watched)
    with stub.client() as client:
        client.create_dataset("d")
        yield client, free
    stub.stop()


def test_the_lock_is_free_while_files_are_fetched(world):
    client, free = world
    made = "EXTERNAL TABLE d.e OPTIONS (format = 'CSV', uris = ['gs://b/x.csv'])"
    statements = (
        f"CREATE {made}",
        f"CREATE OR REPLACE {made}",
        "SELECT COUNT(*) FROM d.e",
        "CREATE TABLE d.t AS SELECT * FROM d.e",
        "INSERT INTO d.t SELECT * FROM d.e",
        "UPDATE d.t SET string_field_1 = 'x' WHERE int64_field_0 IN (SELECT int64_field_0 FROM d.e)",
        "DELETE FROM d.t WHERE int64_field_0 IN (SELECT int64_field_0 FROM d.e)",
        (
            "MERGE d.t AS t USING d.e AS s ON t.int64_field_0 = s.int64_field_0 "
            "WHEN NOT MATCHED THEN INSERT ROW"
        ),
    )
    for number, sql in enumerate(statements, start=1):
        client.query_and_wait(sql)
        assert free == [True] * number, sql
    assert client.get_table("d.t").num_rows == 2
    client.query_and_wait(f"CREATE {made.replace('TABLE', 'TABLE IF NOT EXISTS')}")
    client.query_and_wait("DROP EXTERNAL TABLE d.e")
    assert len(free) == len(statements)
