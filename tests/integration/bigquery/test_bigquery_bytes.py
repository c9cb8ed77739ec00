"""Bytes that a query is told to process: named columns, fields and partitions, dry and done."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.cloud import bigquery as bq

MIB = 1 << 20
# A row: a 8, b 2 + 3, s.x 8, s.y 2 + 5, r 8 + 2 + 2 + 8 + 2 + 3, d 8; ten rows a partition.
ROW, PARTITION = 61, 10
MERGE = "MERGE d.t USING (SELECT 1 AS k) ON a = k AND d = '2024-01-02' "


@pytest.fixture
def table(client):
    client.query_and_wait(
        "CREATE TABLE d.t (a INT64, b STRING, s STRUCT<x INT64, y STRING>, "
        "r ARRAY<STRUCT<u INT64, v STRING>>, d DATE) PARTITION BY d"
    )
    client.query_and_wait(
        "INSERT d.t SELECT n, 'abc', STRUCT(n AS x, 'hello' AS y), "
        "[STRUCT(1 AS u, 'zz' AS v), STRUCT(2, 'yyy')], "
        "DATE_ADD(DATE '2024-01-01', INTERVAL MOD(n, 10) DAY) FROM UNNEST(GENERATE_ARRAY(1, 100)) n"
    )
    client.query_and_wait("CREATE VIEW d.v AS SELECT a, d FROM d.t")


def told(client, sql, *, dry):
    job = client.query(sql, job_config=bq.QueryJobConfig(dry_run=dry))
    if not dry:
        job.result()
    return job.total_bytes_processed


@pytest.mark.parametrize("dry", [True, False])
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM d.t", 100 * ROW),
        ("SELECT COUNT(*) FROM d.t", 0),
        ("SELECT 1 FROM d.t", 0),
        ("SELECT a FROM d.t", 800),
        ("SELECT A FROM d.t AS T", 800),
        ("SELECT a, a + 1 FROM d.t", 800),
        ("SELECT b FROM d.t", 500),
        ("SELECT a FROM d.t WHERE d = '2024-01-02'", 160),
        ("SELECT COUNT(*) FROM d.t WHERE d = '2024-01-02'", 80),
        ("SELECT a FROM d.t WHERE d > '2024-01-08'", 320),
        ("SELECT a FROM d.t WHERE d BETWEEN '2024-01-03' AND '2024-01-04'", 320),
        ("SELECT a FROM d.t WHERE b = 'abc'", 1300),
        ("SELECT s.x FROM d.t", 800),
        ("SELECT t.s.y FROM d.t AS t", 700),
        ("SELECT s FROM d.t", 1500),
        ("SELECT s.x, s FROM d.t", 1500),
        ("SELECT r FROM d.t", 2500),
        ("SELECT e.u FROM d.t, UNNEST(r) AS e", 2500),
        ("SELECT e.u FROM d.t, t.r AS e", 2500),
        ("SELECT t FROM d.t AS t", 100 * ROW),
        ("SELECT * EXCEPT (s) FROM d.t", 4600),
        ("SELECT t.* EXCEPT (s, r) FROM d.t AS t", 2100),
        ("SELECT x FROM (SELECT a AS x, b FROM d.t)", 800),
        ("SELECT x FROM (SELECT a AS x, b FROM d.t ORDER BY b)", 1300),
        ("SELECT x FROM (SELECT DISTINCT a AS x, b FROM d.t)", 1300),
        ("SELECT a FROM (SELECT * FROM d.t)", 800),
        ("SELECT * FROM (SELECT a, b FROM d.t)", 1300),
        ("WITH w AS (SELECT * FROM d.t) SELECT a FROM w", 800),
        ("WITH w AS (SELECT * FROM d.t) SELECT a FROM w WHERE d = '2024-01-02'", 160),
        ("SELECT a FROM d.v", 800),
        ("SELECT * FROM d.v", 1600),
        ("SELECT a FROM d.v AS v WHERE v.d = '2024-01-02'", 160),
        ("SELECT one.a FROM d.t AS one JOIN d.t AS two ON one.a = two.a", 1600),
        ("SELECT a FROM d.t UNION ALL SELECT a FROM d.t", 1600),
        ("SELECT (SELECT MAX(a) FROM d.t)", 800),
        ("SELECT 1 WHERE EXISTS (SELECT 1 FROM d.t WHERE d = '2024-01-01')", 80),
        ("SELECT MAX(a) OVER (PARTITION BY b) FROM d.t", 1300),
        ("SELECT b, SUM(a) FROM d.t GROUP BY 1", 1300),
        ("SELECT a FROM d.t QUALIFY ROW_NUMBER() OVER (ORDER BY b) = 1", 1300),
    ],
)
def test_bytes_of_queries(client, table, sql, expected, dry):
    assert told(client, sql, dry=dry) == expected


@pytest.mark.parametrize("dry", [True, False])
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # What is looked at, and all of the partitions whose rows change.
        ("UPDATE d.t SET b = 'z' WHERE d = '2024-01-02'", 80 + 50 + PARTITION * ROW),
        ("DELETE d.t WHERE d = '2024-01-02' AND a = 3", 160 + PARTITION * ROW),
        (
            MERGE + "WHEN MATCHED THEN DELETE",
            160 + PARTITION * ROW,
        ),
        (
            MERGE + "WHEN NOT MATCHED BY TARGET THEN INSERT (a, d) VALUES (k, DATE '2024-01-02')",
            160,
        ),
        ("INSERT d.t (a) SELECT a FROM d.t WHERE d = '2024-01-02'", 160),
        ("INSERT d.t (a) VALUES (1)", 0),
        ("CREATE TABLE d.x AS SELECT a FROM d.t", 800),
    ],
)
def test_bytes_of_changes(client, table, sql, expected, dry):
    assert told(client, sql, dry=dry) == expected


def test_bytes_of_a_parameter_s_partition(client, table):
    config = bq.QueryJobConfig(
        dry_run=True, query_parameters=[bq.ScalarQueryParameter("day", "DATE", "2024-01-02")]
    )
    job = client.query("SELECT a FROM d.t WHERE d = @day", job_config=config)
    assert (job.total_bytes_processed, job.total_bytes_billed) == (160, 0)
    assert [str(one) for one in job.referenced_tables] == ["test-project.d.t"]


def test_at_least_ten_mebibytes_are_billed_a_table(client, table):
    job = client.query("SELECT a FROM d.t")
    job.result()
    assert job.total_bytes_billed == 10 * MIB
    job = client.query("SELECT COUNT(*) FROM d.t")
    job.result()
    assert job.total_bytes_billed == 0


def test_a_limit_of_what_is_billed(client, table):
    config = bq.QueryJobConfig(maximum_bytes_billed=10 * MIB - 1)
    with pytest.raises(GoogleAPICallError) as caught:
        client.query("SELECT a FROM d.t", job_config=config, job_retry=None).result()
    assert caught.value.errors[0]["reason"] == "bytesBilledLimitExceeded"
    assert f"{10 * MIB} or higher required" in str(caught.value)
    config.maximum_bytes_billed = 10 * MIB
    assert client.query("SELECT a FROM d.t", job_config=config).result().total_rows == 100


def test_many_columns_are_counted_and_shown(client):
    columns = ", ".join(f"{n} AS c{n}" for n in range(3000))
    client.query_and_wait(f"CREATE TABLE d.wide AS SELECT {columns}")
    (row,) = client.query_and_wait("SELECT * FROM d.wide")
    assert tuple(row.values()) == tuple(range(3000))
