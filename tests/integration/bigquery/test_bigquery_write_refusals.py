"""What is no table of rows that change takes none, whichever way they come."""

from __future__ import annotations

import io

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

TRUNCATE = "WRITE_TRUNCATE"
APPEND = "WRITE_APPEND"
REFUSED = "not allowed for this operation because it is currently a "


@pytest.fixture
def kept(client):
    """A table and a snapshot of it."""
    client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a")
    client.query_and_wait("CREATE TABLE d.other AS SELECT 2 AS a")
    config = bq.CopyJobConfig(operation_type="SNAPSHOT")
    client.copy_table("d.t", "d.kept", job_config=config).result()
    yield "d.kept"
    assert [row.a for row in client.list_rows("d.kept")] == [1]
    assert client.get_table("d.kept").table_type == "SNAPSHOT"


@pytest.mark.parametrize("write", [APPEND, TRUNCATE])
def test_a_snapshot_takes_no_rows_of_jobs(client, kept, write):
    target = "test-project.d.kept"
    query = bq.QueryJobConfig(destination=target, write_disposition=write)
    with pytest.raises(BadRequest, match=f"{REFUSED}SNAPSHOT"):
        client.query_and_wait("SELECT 3 AS a", job_config=query)
    load = bq.LoadJobConfig(source_format="CSV", write_disposition=write)
    with pytest.raises(BadRequest, match=f"{REFUSED}SNAPSHOT"):
        client.load_table_from_file(io.BytesIO(b"3\n"), target, job_config=load).result()
    copy = bq.CopyJobConfig(write_disposition=write)
    with pytest.raises(BadRequest, match=f"{REFUSED}SNAPSHOT"):
        client.copy_table("d.other", target, job_config=copy).result()


def test_a_snapshot_takes_no_streamed_rows(client, kept):
    with pytest.raises(BadRequest, match=f"{REFUSED}SNAPSHOT"):
        client.insert_rows_json("test-project.d.kept", [{"a": 3}])


@pytest.mark.parametrize("write", [APPEND, TRUNCATE])
@pytest.mark.parametrize("kind", ["VIEW", "SNAPSHOT"])
def test_a_copy_that_keeps_ingestion_times_replaces_nothing_else(client, kind, write):
    client.query_and_wait("CREATE TABLE d.cut (a INT64) PARTITION BY _PARTITIONDATE")
    if kind == "VIEW":
        client.query_and_wait("CREATE VIEW d.kept AS SELECT 1 AS a")
    else:
        config = bq.CopyJobConfig(operation_type=kind)
        client.copy_table("d.cut", "d.kept", job_config=config).result()
    config = bq.CopyJobConfig(write_disposition=write)
    with pytest.raises(BadRequest, match=f"{REFUSED}{kind}"):
        client.copy_table("d.cut", "d.kept", job_config=config).result()
    assert client.get_table("d.kept").table_type == kind
