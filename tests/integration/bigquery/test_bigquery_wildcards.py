"""Wildcard tables: which tables are read, and what is told of it."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq


@pytest.fixture
def days(client):
    for day in range(1, 4):
        client.query_and_wait(f"CREATE TABLE d.ev_2020010{day} AS SELECT {day} AS id, 'x' AS name")


@pytest.mark.usefixtures("days")
@pytest.mark.parametrize(
    ("where", "ids", "size"),
    [
        ("TRUE", [1, 2, 3], 24),
        ("_TABLE_SUFFIX = '20200102'", [2], 8),
        ("_TABLE_SUFFIX IN ('20200101', '20200103') AND id > 1", [3], 16),
        ("id = 1 OR _TABLE_SUFFIX = '20200102'", [1, 2], 24),
        ("_TABLE_SUFFIX > CONCAT('2020', '0102')", [3], 8),
        ("_TABLE_SUFFIX = (SELECT MAX('20200101'))", [1], 24),
        ("_TABLE_SUFFIX = @day", [1], 8),
    ],
)
def test_a_constant_filter_decides_what_is_read(client, where, ids, size):
    config = bq.QueryJobConfig(
        query_parameters=[bq.ScalarQueryParameter("day", "STRING", "20200101")]
    )
    job = client.query(f"SELECT id FROM `d.ev_*` WHERE {where} ORDER BY id", job_config=config)
    assert [row.id for row in job.result()] == ids
    assert job.total_bytes_processed == size


@pytest.mark.usefixtures("days")
def test_two_mentions_each_with_their_own_filter(client):
    job = client.query(
        "SELECT a.id, b.id AS other FROM `d.ev_*` AS a JOIN `d.ev_*` AS b ON TRUE "
        "WHERE a._TABLE_SUFFIX = '20200101' AND b._TABLE_SUFFIX = '20200103'"
    )
    assert [tuple(row) for row in job.result()] == [(1, 3)]


@pytest.mark.usefixtures("days")
def test_partitioned_tables_and_required_filters_under_a_wildcard(client):
    client.query_and_wait(
        "CREATE TABLE d.pt_1 (day DATE, v INT64) PARTITION BY day "
        "OPTIONS(require_partition_filter=TRUE)"
    )
    client.query_and_wait("INSERT INTO d.pt_1 VALUES ('2020-01-01', 1), ('2020-01-02', 2)")
    with pytest.raises(BadRequest, match="without a filter over column"):
        client.query_and_wait("SELECT v FROM `d.pt_*`")
