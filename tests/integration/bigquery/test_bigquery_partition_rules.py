"""Limits, expiration and decorators of partitions, over the wire."""

from __future__ import annotations

import datetime as dt
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest, Conflict, Forbidden
from google.cloud import bigquery as bq

DAY = dt.date(2021, 1, 31)


def load(client, content, table="d.t", **options):
    file = io.BytesIO()
    pq.write_table(pa.table(content), file)
    config = bq.LoadJobConfig(source_format="PARQUET", **options)
    return client.load_table_from_file(file, table, rewind=True, job_config=config).result()


def by(kind="DAY", field="day", **options):
    return bq.TimePartitioning(type_=kind, field=field, **options)


def days(count, first=DAY):
    return [first + dt.timedelta(days=number) for number in range(count)]


def test_a_job_writes_4000_partitions_and_no_more(client, stub):
    load(client, {"day": days(4000)}, time_partitioning=by())
    assert len(stub.partitions("d.t")) == 4000
    with pytest.raises(BadRequest, match="Too many partitions produced by query, allowed 4000"):
        load(client, {"day": days(4001)}, "d.u", time_partitioning=by())
    for sql in (
        "CREATE TABLE d.u PARTITION BY day AS SELECT day FROM d.v",
        "INSERT INTO d.t (day) SELECT day FROM d.v",
    ):
        load(client, {"day": days(4001)}, "d.v", write_disposition="WRITE_TRUNCATE")
        with pytest.raises(BadRequest, match="query produces at least 4001 partitions"):
            client.query_and_wait(sql)
    assert [one.table_id for one in client.list_tables("d")] == ["t", "v"]
    assert client.get_table("d.t").num_rows == 4000


def test_a_table_has_10000_partitions_and_no_more(client, stub):
    first = dt.date(1970, 1, 1)
    for part in (0, 4000, 8000):
        load(client, {"day": days(4000, first)[: 10000 - part]}, time_partitioning=by())
        first += dt.timedelta(days=4000)
    assert len(stub.partitions("d.t")) == 10000
    load(client, {"day": [dt.date(1970, 1, 1)]})
    with pytest.raises(Forbidden, match="Quota exceeded"):
        load(client, {"day": [dt.date(2150, 1, 1)]})
    assert client.get_table("d.t").num_rows == 10001


def test_dates_out_of_range_are_unpartitioned(client, stub):
    content = {"day": [dt.date(1959, 12, 31), dt.date(1960, 1, 1), dt.date(2160, 1, 1), None]}
    load(client, content, time_partitioning=by())
    assert stub.partitions("d.t") == {"19600101": 1, "__NULL__": 1, "__UNPARTITIONED__": 2}


def test_partitions_whose_time_is_over_are_gone(client, stub):
    today = dt.datetime.now(dt.UTC).date()
    kept = [today, today - dt.timedelta(days=1)]
    content = {"day": [*kept, today - dt.timedelta(days=9), None]}
    load(client, content, time_partitioning=by(expiration_ms=3 * 86_400_000))
    names = sorted(day.strftime("%Y%m%d") for day in kept)
    assert client.list_partitions("d.t") == [*names, "__NULL__"]
    assert client.get_table("d.t").num_rows == 3
    assert next(iter(client.query_and_wait("SELECT COUNT(*) FROM d.t")))[0] == 3
    table = client.get_table("d.t")
    table.time_partitioning = by(expiration_ms=86_400_000)
    client.update_table(table, ["time_partitioning"])
    assert client.list_partitions("d.t") == [names[1], "__NULL__"]


@pytest.mark.parametrize(
    ("kind", "given", "name"),
    [
        ("HOUR", "2021-01-31T17:30:00", "2021013117"),
        ("DAY", "2021-01-31T17:30:00", "20210131"),
        ("MONTH", "2021-01-31T17:30:00", "202101"),
        ("YEAR", "2021-01-31T17:30:00", "2021"),
    ],
)
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_a_decorator_of_each_kind(client, stub, kind, given, name, zone):
    at = pa.array([dt.datetime.fromisoformat(given)], pa.timestamp("us", zone))
    schema = [bq.SchemaField("at", "TIMESTAMP" if zone else "DATETIME")]
    client.create_table(bq.Table("test-project.d.t", schema=schema))
    client.delete_table("d.t")
    options = {"schema": schema, "time_partitioning": by(kind, "at")}
    load(client, {"at": at}, f"d.t${name}", **options)
    load(client, {"at": at}, f"d.t${name}", write_disposition="WRITE_TRUNCATE", **options)
    assert stub.partitions("d.t") == {name: 1}
    with pytest.raises(BadRequest, match="Some rows belong to different partitions"):
        load(client, {"at": at}, f"d.t${'1999013117'[: len(name)]}", **options)
    with pytest.raises(BadRequest, match="Invalid partition id"):
        load(client, {"at": at}, f"d.t${name}0", **options)


@pytest.mark.parametrize("bad", ["15", "x", "100", "-10", "2021013"])
def test_a_decorator_of_a_range(client, stub, bad):
    client.query_and_wait(
        "CREATE TABLE d.t (n INT64) PARTITION BY RANGE_BUCKET(n, GENERATE_ARRAY(0, 100, 10))"
    )
    load(client, {"n": [10, 19]}, "d.t$10")
    load(client, {"n": [11]}, "d.t$10", write_disposition="WRITE_TRUNCATE")
    load(client, {"n": [500]}, "d.t$__UNPARTITIONED__")
    assert stub.partitions("d.t") == {"10": 1, "__UNPARTITIONED__": 1}
    with pytest.raises(BadRequest, match="Invalid partition id"):
        load(client, {"n": [1]}, f"d.t${bad}")


def test_the_partition_of_nulls_can_be_replaced(client, stub):
    content = {"day": pa.array([None, None, DAY], pa.date32())}
    load(client, content, time_partitioning=by())
    none = {"day": pa.array([None], pa.date32())}
    load(client, none, "d.t$__NULL__", write_disposition="WRITE_TRUNCATE")
    assert stub.partitions("d.t") == {"20210131": 1, "__NULL__": 1}


def test_a_decorator_makes_no_table_without_a_partitioning(client):
    with pytest.raises(BadRequest, match="Partitioning specification must be provided"):
        load(client, {"n": [1]}, "d.t$20210131")
    load(client, {"n": [1]}, "d.t")
    with pytest.raises(BadRequest, match="not partitioned"):
        load(client, {"n": [1]}, "d.t$20210131")


def test_write_empty_looks_at_the_partition(client, stub):
    load(client, {"day": [DAY]}, time_partitioning=by())
    load(client, {"day": [dt.date(2021, 2, 1)]}, "d.t$20210201", write_disposition="WRITE_EMPTY")
    with pytest.raises(Conflict, match="Already Exists"):
        load(client, {"day": [DAY]}, "d.t$20210131", write_disposition="WRITE_EMPTY")
    assert stub.partitions("d.t") == {"20210131": 1, "20210201": 1}


def test_a_query_writes_into_a_partition(client, stub):
    load(client, {"day": [DAY, dt.date(2021, 2, 1)]}, time_partitioning=by())
    config = bq.QueryJobConfig(
        destination="test-project.d.t$20210131", write_disposition="WRITE_TRUNCATE"
    )
    client.query("SELECT DATE '2021-01-31' AS day FROM d.t", job_config=config).result()
    assert stub.partitions("d.t") == {"20210131": 2, "20210201": 1}


def test_a_partition_can_be_deleted(client, stub):
    load(client, {"day": [DAY, DAY, None]}, time_partitioning=by())
    client.delete_table("d.t$20210131")
    assert stub.partitions("d.t") == {"__NULL__": 1}


def test_a_table_made_of_a_query_and_cut_by_ingestion(client, stub):
    client.query_and_wait("CREATE TABLE d.t PARTITION BY _PARTITIONDATE AS SELECT 1 AS n")
    today = dt.datetime.now(dt.UTC).strftime("%Y%m%d")
    assert stub.partitions("d.t") == {today: 1}
    rows = client.query_and_wait("SELECT n, _PARTITIONDATE AS day FROM d.t")
    assert [tuple(row) for row in rows] == [(1, dt.datetime.now(dt.UTC).date())]


def test_truncating_the_data_keeps_the_schema(client):
    load(client, {"a": [1], "b": ["x"]})
    load(client, {"a": [2]}, write_disposition="WRITE_TRUNCATE_DATA")
    assert [tuple(row) for row in client.list_rows(client.get_table("d.t"))] == [(2, None)]
    with pytest.raises(BadRequest, match="Cannot add fields"):
        load(client, {"a": [3], "c": [1]}, write_disposition="WRITE_TRUNCATE_DATA")
    assert [tuple(row) for row in client.list_rows(client.get_table("d.t"))] == [(2, None)]


def test_where_schema_updates_are_allowed(client):
    load(client, {"a": [1]})
    with pytest.raises(BadRequest, match="Schema update options should only be specified with"):
        load(
            client,
            {"a": [1], "b": [1]},
            write_disposition="WRITE_TRUNCATE",
            schema_update_options=["ALLOW_FIELD_ADDITION"],
        )
    assert [one.name for one in client.get_table("d.t").schema] == ["a"]


def test_clustering_by_a_column_that_is_not_there(client):
    with pytest.raises(BadRequest, match="The field specified for clustering cannot be found"):
        load(client, {"a": [1]}, clustering_fields=["b"])
    assert list(client.list_tables("d")) == []


def test_a_load_may_require_a_filter_of_the_table_that_it_makes(client):
    partitioning = by()
    partitioning._properties["requirePartitionFilter"] = True
    load(client, {"day": [DAY]}, time_partitioning=partitioning)
    assert client.get_table("d.t").require_partition_filter
    with pytest.raises(BadRequest, match="partition elimination"):
        client.query_and_wait("SELECT * FROM d.t")


def test_a_merge_into_partitions_changes_the_facts(client, stub):
    load(client, {"day": [DAY], "n": [1]}, time_partitioning=by())
    client.query_and_wait(
        "MERGE d.t AS t USING (SELECT DATE '2021-02-01' AS day, 2 AS n) AS s ON t.n = s.n "
        "WHEN NOT MATCHED THEN INSERT (day, n) VALUES (s.day, s.n) "
        "WHEN NOT MATCHED BY SOURCE THEN DELETE"
    )
    assert stub.partitions("d.t") == {"20210201": 1}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {
                "write_disposition": "WRITE_TRUNCATE",
                "schema_update_options": ["ALLOW_FIELD_ADDITION"],
            },
            "Schema update options should only be specified with",
        ),
        ({"create_disposition": "CREATE_MAYBE"}, "Invalid value for createDisposition"),
    ],
)
def test_a_querys_destination_keeps_to_the_same_rules(client, options, message):
    config = bq.QueryJobConfig(destination="test-project.d.t", **options)
    with pytest.raises(BadRequest, match=message):
        client.query("SELECT 1 AS a", job_config=config).result()
    assert list(client.list_tables("d")) == []
