"""Partitions as facts."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
DAYS = ["2021-01-01", "2021-01-01", "2021-01-31", None]


def by_day(client, name="d.t", **options):
    frame = pd.DataFrame(
        {"id": [1, 2, 3, 4], "day": [dt.date.fromisoformat(day) if day else None for day in DAYS]}
    )
    config = bq.LoadJobConfig(time_partitioning=bq.TimePartitioning(field="day"), **options)
    return client.load_table_from_dataframe(frame, name, job_config=config).result()


def test_each_day_is_a_partition_and_their_rows_add_up(client, stub):
    by_day(client)
    assert client.list_partitions("d.t") == ["20210101", "20210131", "__NULL__"]
    assert stub.partitions("d.t") == {"20210101": 2, "20210131": 1, "__NULL__": 1}
    rows = client.query_and_wait(
        "SELECT partition_id, total_rows FROM d.INFORMATION_SCHEMA.PARTITIONS "
        "WHERE table_name = 't' ORDER BY partition_id"
    )
    found = {row.partition_id: row.total_rows for row in rows}
    assert found == stub.partitions("d.t")
    assert sum(found.values()) == client.get_table("d.t").num_rows == 4


def test_the_legacy_query_for_partitions(client):
    by_day(client)
    config = bq.QueryJobConfig(use_legacy_sql=True)
    query = "SELECT partition_id FROM [test-project:d.t$__PARTITIONS_SUMMARY__]"
    rows = client.query(query, job_config=config).result()
    assert [row[0] for row in rows] == ["20210101", "20210131", "__NULL__"]
    with pytest.raises(BadRequest, match="legacy SQL"):
        client.query("SELECT 1", job_config=config).result()


def test_the_table_tells_how_it_is_cut(client):
    by_day(client, clustering_fields=["id"])
    table = client.get_table("d.t")
    assert (table.time_partitioning.type_, table.time_partitioning.field) == ("DAY", "day")
    assert table.clustering_fields == ["id"]


def test_dml_changes_the_facts(client, stub):
    by_day(client)
    client.query_and_wait("DELETE FROM d.t WHERE day = '2021-01-31'")
    client.query_and_wait("INSERT INTO d.t (id, day) VALUES (9, '2021-02-01')")
    assert stub.partitions("d.t") == {"20210101": 2, "20210201": 1, "__NULL__": 1}


def test_a_decorator_replaces_one_partition(client, stub):
    by_day(client)
    frame = pd.DataFrame({"id": [7], "day": [dt.date(2021, 1, 1)]})
    config = bq.LoadJobConfig(write_disposition="WRITE_TRUNCATE")
    client.load_table_from_dataframe(frame, "d.t$20210101", job_config=config).result()
    assert stub.partitions("d.t") == {"20210101": 1, "20210131": 1, "__NULL__": 1}


def test_rows_of_another_partition_are_refused(client, stub):
    by_day(client)
    before = stub.partitions("d.t")
    frame = pd.DataFrame({"id": [7], "day": [dt.date(2021, 1, 2)]})
    config = bq.LoadJobConfig(write_disposition="WRITE_TRUNCATE")
    with pytest.raises(BadRequest, match="Some rows belong to different partitions"):
        client.load_table_from_dataframe(frame, "d.t$20210101", job_config=config).result()
    assert stub.partitions("d.t") == before


def test_another_partitioning_than_the_tables_is_refused(client):
    by_day(client)
    frame = pd.DataFrame({"id": [7], "day": [dt.date(2021, 1, 2)]})
    config = bq.LoadJobConfig(time_partitioning=bq.TimePartitioning(field="day", type_="MONTH"))
    with pytest.raises(BadRequest, match="Incompatible table partitioning specification"):
        client.load_table_from_dataframe(frame, "d.t", job_config=config).result()


def test_a_truncating_load_keeps_the_partitioning(client, stub):
    by_day(client)
    frame = pd.DataFrame({"id": [7], "day": [dt.date(2021, 3, 1)]})
    config = bq.LoadJobConfig(write_disposition="WRITE_TRUNCATE")
    client.load_table_from_dataframe(frame, "d.t", job_config=config).result()
    assert stub.partitions("d.t") == {"20210301": 1}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("DATE(at)", {"20210131": 1, "20210201": 1}),
        ("TIMESTAMP_TRUNC(at, HOUR)", {"2021013123": 1, "2021020100": 1}),
        ("TIMESTAMP_TRUNC(at, MONTH)", {"202101": 1, "202102": 1}),
        ("TIMESTAMP_TRUNC(at, YEAR)", {"2021": 2}),
    ],
)
def test_ddl_cuts_by_time(client, stub, clause, expected):
    client.query_and_wait(
        f"CREATE TABLE d.t PARTITION BY {clause} AS "
        "SELECT TIMESTAMP '2021-01-31 23:59:59' AS at "
        "UNION ALL SELECT TIMESTAMP '2021-02-01 00:00:00'"
    )
    assert stub.partitions("d.t") == expected


def test_an_integer_range(client, stub):
    table = bq.Table("test-project.d.t", schema=[bq.SchemaField("n", "INTEGER")])
    bounds = bq.PartitionRange(start=0, end=100, interval=10)
    table.range_partitioning = bq.RangePartitioning(field="n", range_=bounds)
    client.create_table(table)
    client.query_and_wait("INSERT INTO d.t (n) VALUES (5), (15), (19), (500), (NULL)")
    assert stub.partitions("d.t") == {"0": 1, "10": 2, "__NULL__": 1, "__UNPARTITIONED__": 1}


def test_ingestion_time_is_hidden_until_it_is_named(client, stub):
    table = bq.Table("test-project.d.t", schema=[bq.SchemaField("n", "INTEGER")])
    table.time_partitioning = bq.TimePartitioning()
    client.create_table(table)
    client.load_table_from_dataframe(pd.DataFrame({"n": [1]}), "d.t$20210131").result()
    client.query_and_wait("INSERT INTO d.t (n) VALUES (2)")
    today = dt.datetime.now(dt.UTC).strftime("%Y%m%d")
    assert stub.partitions("d.t") == {"20210131": 1, today: 1}
    assert {tuple(row) for row in client.query_and_wait("SELECT * FROM d.t")} == {(1,), (2,)}
    rows = client.query_and_wait(
        "SELECT n, _PARTITIONDATE AS day FROM d.t WHERE _PARTITIONTIME < '2022-01-01'"
    )
    assert [tuple(row) for row in rows] == [(1, dt.date(2021, 1, 31))]
    assert stub.read("d.t").column_names == ["n"]


def test_a_required_filter_is_required(client):
    table = bq.Table("test-project.d.t", schema=[bq.SchemaField("day", "DATE")])
    table.time_partitioning = bq.TimePartitioning(field="day")
    table.require_partition_filter = True
    client.create_table(table)
    with pytest.raises(BadRequest, match=r"without a filter over column\(s\) 'day'"):
        client.query_and_wait("SELECT * FROM d.t")
    assert list(client.query_and_wait("SELECT * FROM d.t WHERE day = '2021-01-01'")) == []
