"""Copy jobs over the wire."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import bigquery as bq


@pytest.fixture(autouse=True)
def _tables(client):
    client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a, 'x' AS b")
    client.query_and_wait("CREATE TABLE d.u AS SELECT 2 AS a, 'y' AS b")
    client.query_and_wait(
        "CREATE TABLE d.cut (day DATE, a INT64) PARTITION BY day OPTIONS (description = 'text')"
    )
    client.query_and_wait(
        "INSERT INTO d.cut (day, a) VALUES (DATE '2021-01-31', 1), (DATE '2021-02-01', 2)"
    )


def copy(client, source, target, **options):
    job = client.copy_table(source, target, job_config=bq.CopyJobConfig(**options))
    job.result()
    return job


def values(client, table, column="a"):
    return sorted(row[column] for row in client.query_and_wait(f"SELECT * FROM {table}"))


def test_a_copy_is_a_table_of_its_own(client):
    job = copy(client, "d.t", "d.new")
    assert (job.state, job.job_type, job.location) == ("DONE", "copy", "US")
    client.query_and_wait("UPDATE d.new SET a = 5 WHERE TRUE")
    assert (values(client, "d.t"), values(client, "d.new")) == ([1], [5])


def test_several_sources(client):
    copy(client, ["d.t", "d.u"], "d.new")
    assert values(client, "d.new") == [1, 2]
    with pytest.raises(BadRequest, match="different schemas"):
        copy(client, ["d.t", "d.cut"], "d.other")


def test_dispositions(client):
    with pytest.raises(Conflict, match=r"Already Exists: Table test-project:d\.u"):
        copy(client, "d.t", "d.u")
    copy(client, "d.t", "d.u", write_disposition="WRITE_APPEND")
    assert values(client, "d.u") == [1, 2]
    copy(client, "d.t", "d.u", write_disposition="WRITE_TRUNCATE")
    assert values(client, "d.u") == [1]
    with pytest.raises(NotFound):
        copy(client, "d.t", "d.new", create_disposition="CREATE_NEVER")


def test_what_is_missing(client):
    with pytest.raises(NotFound, match=r"Not found: Table test-project:d\.none"):
        copy(client, "d.none", "d.new")
    with pytest.raises(NotFound, match="Not found: Dataset test-project:none"):
        copy(client, "d.t", "none.new")
    with pytest.raises(NotFound, match="Partition"):
        copy(client, "d.cut$20200101", "d.u")


def test_a_partitioned_table_stays_so(client):
    copy(client, "d.cut", "d.new")
    table = client.get_table("d.new")
    assert (table.time_partitioning.field, table.description) == ("day", "text")
    assert client.list_partitions("d.new") == ["20210131", "20210201"]


def test_a_partition_is_copied_over_another(client):
    copy(client, "d.cut", "d.new")
    client.query_and_wait("UPDATE d.cut SET a = 10 WHERE TRUE")
    copy(client, "d.cut$20210131", "d.new$20210131", write_disposition="WRITE_TRUNCATE")
    assert values(client, "d.new") == [2, 10]
    copy(client, "d.cut$20210131", "d.other$20210131")
    assert client.list_partitions("d.other") == ["20210131"]
    with pytest.raises(BadRequest, match="different partitions"):
        copy(client, "d.cut$20210131", "d.new$20210201", write_disposition="WRITE_TRUNCATE")
    assert values(client, "d.new") == [2, 10]


def test_ingestion_times_are_kept(client):
    table = bq.Table("test-project.d.by_time", schema=[bq.SchemaField("a", "INTEGER")])
    table.time_partitioning = bq.TimePartitioning()
    client.create_table(table)
    client.load_table_from_json([{"a": 1}], "d.by_time$20210131").result()
    copy(client, "d.by_time", "d.new")
    copy(client, "d.by_time", "d.new", write_disposition="WRITE_APPEND")
    rows = client.query_and_wait("SELECT a, _PARTITIONDATE AS day FROM d.new")
    assert [(row.a, str(row.day)) for row in rows] == [(1, "2021-01-31")] * 2
    assert client.list_partitions("d.new") == ["20210131"]


def test_what_is_refused(client):
    view = bq.Table("test-project.d.v")
    view.view_query = "SELECT a FROM d.t"
    client.create_table(view)
    with pytest.raises(BadRequest, match="currently a VIEW"):
        copy(client, "d.v", "d.new")
    with pytest.raises(BadRequest, match="Invalid value for operationType: MOVE"):
        copy(client, "d.t", "d.new", operation_type="MOVE")
    with pytest.raises(BadRequest, match="into a new table without a decorator"):
        copy(client, "d.cut$20210131", "d.new")
