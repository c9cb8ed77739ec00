"""Partitions that a filter rules out are not read; a required filter must be able to."""

from __future__ import annotations

import datetime as dt
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

DRY = bq.QueryJobConfig(dry_run=True)
DAYS = [dt.date(2021, 1, day) for day in (1, 1, 2, 3)]


def load(client, content, table="d.t", **options):
    file = io.BytesIO()
    pq.write_table(pa.table(content), file)
    config = bq.LoadJobConfig(source_format="PARQUET", **options)
    return client.load_table_from_file(file, table, rewind=True, job_config=config).result()


@pytest.fixture
def by_day(client):
    content = {"day": [*DAYS, None], "n": [1, 2, 3, 4, 5], "s": ["a", "bc", None, "", "x"]}
    load(client, content, time_partitioning=bq.TimePartitioning(field="day"))
    return client


def bytes_of(client, sql, **options):
    job = client.query(sql, job_config=bq.QueryJobConfig(dry_run=True, **options))
    return job.total_bytes_processed


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("TRUE", 5),
        ("day = '2021-01-01'", 2),
        ("day = DATE '2021-01-01'", 2),
        ("DATE '2021-01-01' = t.day", 2),
        ("day >= '2021-01-02'", 2),
        ("'2021-01-02' > day", 2),
        ("day > DATE_SUB(DATE '2021-01-04', INTERVAL 2 DAY)", 1),
        ("day BETWEEN '2021-01-02' AND '2021-01-03'", 2),
        ("day IN ('2021-01-01', '2021-01-03')", 3),
        ("day = '2021-01-01' OR day = '2021-01-03'", 3),
        ("(day = '2021-01-01' AND n > 1)", 2),
        ("day = '2021-01-01' OR n > 1", 5),
        ("day IS NULL", 1),
        ("day = '1999-01-01'", 0),
        ("NOT day = '2021-01-01'", 5),
        ("day = (SELECT MAX(day) FROM d.t)", 10),
        ("day < CURRENT_DATE()", 4),
    ],
)
def test_bytes_fall_with_the_partitions_that_are_read(by_day, where, rows):
    job = by_day.query(f"SELECT n FROM d.t WHERE {where}", job_config=DRY)
    columns = 1 if "day" not in where else 2
    nulls = 8 if columns == 2 and (rows == 5 or "NULL" in where) else 0
    # The query within looks at the day only.
    nulls = 16 + 40 if rows == 10 else nulls
    assert job.total_bytes_processed == rows * 8 * columns - nulls


def test_bytes_with_parameters_subqueries_and_joins(by_day):
    named = [bq.ScalarQueryParameter("at", "DATE", dt.date(2021, 1, 3))]
    assert bytes_of(by_day, "SELECT n FROM d.t WHERE day = @at", query_parameters=named) == 16
    placed = [
        bq.ScalarQueryParameter(None, "INT64", 0),
        bq.ScalarQueryParameter(None, "DATE", dt.date(2021, 1, 3)),
    ]
    sql = "SELECT n FROM d.t WHERE n > ? AND day = ?"
    assert bytes_of(by_day, sql, query_parameters=placed) == 16
    inner = "SELECT n FROM (SELECT n, day FROM d.t) WHERE day = '2021-01-03'"
    assert bytes_of(by_day, inner) == 16
    cte = "WITH x AS (SELECT n, day FROM d.t WHERE day = '2021-01-03') SELECT n FROM x"
    assert bytes_of(by_day, cte) == 16


def test_sizes_of_values(client):
    content = {
        "b": [True, None],
        "n": pa.array([1, None], pa.int64()),
        "t": ["äb", None],
        "y": [b"abc", None],
        "l": [[1, 2], []],
        "r": [{"x": 1, "z": "ab"}, {"x": None, "z": ""}],
    }
    options = bq.ParquetOptions()
    options.enable_list_inference = True
    load(client, content, parquet_options=options)
    for column, size in {"b": 1, "n": 8, "t": 5, "y": 5, "l": 16, "r": 14}.items():
        assert (column, bytes_of(client, f"SELECT {column} FROM d.t")) == (column, size)
    assert client.get_table("d.t").num_bytes == 49


@pytest.mark.parametrize(
    ("kind", "column", "expected"),
    [("HOUR", "at", 8), ("DAY", "at", 16), ("MONTH", "at", 16), ("YEAR", "at", 24)],
)
def test_timestamps_by_each_unit(client, kind, column, expected):
    at = ["2021-01-31T23:10", "2021-01-31T01:00", "2021-02-01T00:00"]
    times = pa.array([dt.datetime.fromisoformat(one) for one in at], pa.timestamp("us", "UTC"))
    load(client, {"at": times}, time_partitioning=bq.TimePartitioning(type_=kind, field="at"))
    where = "at BETWEEN TIMESTAMP '2021-01-31 23:30:00' AND TIMESTAMP '2021-01-31 23:59:59'"
    assert bytes_of(client, f"SELECT {column} FROM d.t WHERE {where}") == expected
    by_date = "DATE(at) = '2021-01-31'"
    assert bytes_of(client, f"SELECT {column} FROM d.t WHERE {by_date}") == max(expected, 16)


def test_integer_ranges_and_ingestion_time(client):
    client.query_and_wait(
        "CREATE TABLE d.r (n INT64) PARTITION BY RANGE_BUCKET(n, GENERATE_ARRAY(0, 100, 10))"
    )
    client.query_and_wait("INSERT INTO d.r (n) VALUES (1), (11), (12), (500), (NULL)")
    # What is out of the ranges may be anything.
    assert bytes_of(client, "SELECT n FROM d.r WHERE n = 15") == 24
    client.query_and_wait("CREATE TABLE d.i (n INT64) PARTITION BY _PARTITIONDATE")
    for day in ("20210101", "20210102"):
        load(client, {"n": [1]}, f"d.i${day}")
    for where in (
        "_PARTITIONTIME = TIMESTAMP '2021-01-01'",
        "_PARTITIONDATE = '2021-01-01'",
        "_PARTITIONTIME < '2021-01-02'",
    ):
        assert bytes_of(client, f"SELECT n FROM d.i WHERE {where}") == 8


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        ("day = '2021-01-01'", True),
        ("day >= '2021-01-01' AND n = 1", True),
        ("day IS NULL", True),
        ("n = 1", False),
        ("day = '2021-01-01' OR n = 1", False),
        ("day = (SELECT MAX(d) FROM d.other)", False),
        ("EXTRACT(YEAR FROM day) = 2021", False),
        ("n = EXTRACT(DAY FROM day)", False),
    ],
)
@pytest.mark.parametrize("verb", ["SELECT n FROM d.t", "DELETE FROM d.t", "UPDATE d.t SET n = 9"])
def test_a_required_filter_must_be_one_that_prunes(by_day, where, fits, verb):
    load(by_day, {"d": DAYS}, "d.other")
    table = by_day.get_table("d.t")
    table.require_partition_filter = True
    by_day.update_table(table, ["require_partition_filter"])
    sql = f"{verb} WHERE {where}"
    if fits:
        by_day.query_and_wait(sql)
        return
    with pytest.raises(
        BadRequest,
        match=r"Cannot query over table 'test-project\.d\.t' without a filter over column\(s\) "
        r"'day' that can be used for partition elimination",
    ):
        by_day.query_and_wait(sql)


def test_a_required_filter_around_a_subquery_or_beneath_a_join(by_day):
    table = by_day.get_table("d.t")
    table.require_partition_filter = True
    by_day.update_table(table, ["require_partition_filter"])
    by_day.query_and_wait("SELECT n FROM (SELECT n, day FROM d.t) WHERE day = '2021-01-01'")
    by_day.query_and_wait(
        "SELECT a.n FROM d.t AS a JOIN d.t AS b ON a.n = b.n AND b.day = '2021-01-01' "
        "WHERE a.day = '2021-01-01'"
    )
    with pytest.raises(BadRequest, match="partition elimination"):
        by_day.query_and_wait(
            "SELECT a.n FROM d.t AS a JOIN d.t AS b ON a.n = b.n WHERE a.day = '2021-01-01'"
        )
