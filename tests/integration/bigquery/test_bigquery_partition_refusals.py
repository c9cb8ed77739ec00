"""Partitions and clusters that a table cannot have, and rows that are streamed into one."""

from __future__ import annotations

import datetime as dt

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

TABLE = "test-project.d.t"


def day(offset):
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=offset)).strftime("%Y%m%d")


def by_arrival(client, **options):
    table = bq.Table(TABLE, [bq.SchemaField("a", "INTEGER")])
    table.time_partitioning = bq.TimePartitioning(**options)
    return client.create_table(table)


@pytest.mark.parametrize("offset", [0, -31, 16])
def test_rows_are_streamed_into_the_partition_of_a_day(client, offset):
    by_arrival(client)
    assert client.insert_rows_json(f"{TABLE}${day(offset)}", [{"a": 1}]) == []
    assert client.list_partitions(TABLE) == [day(offset)]


@pytest.mark.parametrize("offset", [-32, 17])
def test_but_not_into_one_that_is_far_away(client, offset):
    by_arrival(client)
    with pytest.raises(BadRequest, match="is outside the allowed bounds"):
        client.insert_rows_json(f"{TABLE}${day(offset)}", [{"a": 1}])
    assert client.list_partitions(TABLE) == []


@pytest.mark.parametrize("decorator", ["2021", "20210230", "x", "__NULL__"])
def test_nor_into_one_that_cannot_be(client, decorator):
    by_arrival(client)
    with pytest.raises(BadRequest, match="Invalid partition id"):
        client.insert_rows_json(f"{TABLE}${decorator}", [{"a": 1}])


def test_nor_into_one_of_a_column(client):
    table = bq.Table(TABLE, [bq.SchemaField("d", "DATE")])
    table.time_partitioning = bq.TimePartitioning(field="d")
    client.create_table(table)
    with pytest.raises(BadRequest, match="is disallowed"):
        client.insert_rows_json(f"{TABLE}${day(0)}", [{"d": "2021-01-01"}])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["f"], "Field f has type FLOAT64, which is not supported for clustering"),
        (["a", "b", "c", "e", "g"], "Too many clustering fields: 5"),
        (["x"], "Invalid field: x"),
    ],
)
def test_a_load_clusters_by_what_a_table_can_be_clustered_by(client, columns, message):
    fields = [bq.SchemaField(name, "INTEGER") for name in "abceg"]
    config = bq.LoadJobConfig(
        schema=[*fields, bq.SchemaField("f", "FLOAT")], clustering_fields=columns
    )
    with pytest.raises(BadRequest, match=message):
        client.load_table_from_json([{"a": 1}], TABLE, job_config=config).result()
    assert list(client.list_tables("d")) == []


def test_a_load_does_not_cluster_otherwise_than_the_table(client):
    table = bq.Table(TABLE, [bq.SchemaField(name, "INTEGER") for name in "ab"])
    table.clustering_fields = ["a"]
    client.create_table(table)
    for given, fails in ((["a"], False), (None, False), (["b"], True)):
        config = bq.LoadJobConfig(schema=table.schema, clustering_fields=given)
        job = client.load_table_from_json([{"a": 1}], TABLE, job_config=config)
        if fails:
            with pytest.raises(
                BadRequest, match=r"none clustering\(a\), but input .* is none clustering\(b\)"
            ):
                job.result()
        else:
            job.result()


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ("0, 1000000, 1", "too many possible partitions: 1000000, allowed 10000"),
        ("0, 100, 0", "start < end and interval > 0"),
        ("100, 0, 1", "start < end and interval > 0"),
    ],
)
def test_ranges_in_ddl(client, bounds, message):
    sql = f"CREATE TABLE d.t (k INT64) PARTITION BY RANGE_BUCKET(k, GENERATE_ARRAY({bounds}))"
    with pytest.raises(BadRequest, match=message):
        client.query(sql).result()


def test_the_most_ranges(client):
    client.query(
        "CREATE TABLE d.t (k INT64) PARTITION BY RANGE_BUCKET(k, GENERATE_ARRAY(0, 100000, 10))"
    ).result()
    client.query("INSERT INTO d.t VALUES (99999), (100000), (-1), (0)").result()
    assert client.list_partitions("d.t") == ["0", "99990", "__UNPARTITIONED__"]


@pytest.mark.parametrize("unit", ["WEEK", "QUARTER", "MINUTE"])
def test_other_units(client, unit):
    sql = f"CREATE TABLE d.t (at TIMESTAMP) PARTITION BY TIMESTAMP_TRUNC(at, {unit})"
    with pytest.raises(BadRequest):
        client.query(sql).result()


def test_bytes_of_partitions(client):
    client.query(
        "CREATE TABLE d.t PARTITION BY day AS SELECT DATE '2021-01-01' AS day, 'ab' AS s "
        "UNION ALL SELECT DATE '2021-01-02', NULL UNION ALL SELECT NULL, 'x'"
    ).result()
    client.query("CREATE TABLE d.u AS SELECT 1 AS a").result()
    sql = (
        "SELECT partition_id, total_rows, total_logical_bytes, total_billable_bytes FROM "
        "d.INFORMATION_SCHEMA.PARTITIONS ORDER BY table_name, partition_id"
    )
    assert [tuple(row) for row in client.query(sql).result()] == [
        ("20210101", 1, 12, 12),
        ("20210102", 1, 8, 8),
        ("__NULL__", 1, 3, 3),
        (None, 1, 8, 8),
    ]
