"""INFORMATION_SCHEMA of views, options, nested fields and jobs."""

from __future__ import annotations

import datetime as dt

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq


@pytest.fixture(autouse=True)
def _tables(client):
    table = bq.Table(
        "test-project.d.t",
        schema=[
            bq.SchemaField("day", "DATE"),
            bq.SchemaField(
                "r",
                "RECORD",
                mode="REPEATED",
                fields=[bq.SchemaField("x", "INTEGER", description="inner")],
            ),
        ],
    )
    table.time_partitioning = bq.TimePartitioning(field="day", expiration_ms=86_400_000)
    table.description, table.labels = 'a "text"', {"k": "v"}
    table.expires = dt.datetime(2100, 1, 31, tzinfo=dt.UTC)
    client.create_table(table)
    view = bq.Table("test-project.d.v")
    view.view_query = "SELECT day FROM d.t"
    client.create_table(view)


def rows(client, query):
    return [tuple(row) for row in client.query_and_wait(query)]


def test_views(client):
    found = rows(client, "SELECT table_name, view_definition FROM d.INFORMATION_SCHEMA.VIEWS")
    assert found == [("v", "SELECT day FROM d.t")]
    query = "SELECT table_name, table_type FROM d.INFORMATION_SCHEMA.TABLES ORDER BY table_name"
    assert rows(client, query) == [("t", "BASE TABLE"), ("v", "VIEW")]
    assert rows(client, "SELECT table_id, type FROM d.__TABLES__ ORDER BY 1") == [
        ("t", 1),
        ("v", 2),
    ]
    query = "SELECT table_name, column_name FROM d.INFORMATION_SCHEMA.COLUMNS ORDER BY 1, 2"
    assert rows(client, query) == [("t", "day"), ("t", "r"), ("v", "day")]


def test_options(client):
    query = (
        "SELECT option_name, option_type, option_value FROM d.INFORMATION_SCHEMA.TABLE_OPTIONS "
        "WHERE table_name = 't' ORDER BY option_name"
    )
    assert rows(client, query) == [
        ("description", "STRING", '"a \\"text\\""'),
        ("expiration_timestamp", "TIMESTAMP", 'TIMESTAMP "2100-01-31T00:00:00.000Z"'),
        ("labels", "ARRAY<STRUCT<STRING, STRING>>", '[STRUCT("k", "v")]'),
        ("partition_expiration_days", "FLOAT64", "1.0"),
    ]


def test_field_paths(client):
    query = (
        "SELECT column_name, field_path, data_type, description "
        "FROM d.INFORMATION_SCHEMA.COLUMN_FIELD_PATHS WHERE table_name = 't' ORDER BY field_path"
    )
    assert rows(client, query) == [
        ("day", "day", "DATE", None),
        ("r", "r", "ARRAY<STRUCT<x INT64>>", None),
        ("r", "r.x", "INT64", "inner"),
    ]


def test_jobs(client):
    client.query("SELECT 1 AS a", job_id="mine", job_retry=None).result()
    query = (
        "SELECT job_id, job_type, statement_type, query, state "
        "FROM `region-us`.INFORMATION_SCHEMA.JOBS WHERE job_id = 'mine'"
    )
    assert rows(client, query) == [("mine", "QUERY", "SELECT", "SELECT 1 AS a", "DONE")]
    assert rows(client, "SELECT job_id FROM `region-eu`.INFORMATION_SCHEMA.JOBS") == []


def test_others_are_refused_by_name(client):
    with pytest.raises(BadRequest, match=r"INFORMATION_SCHEMA\.TABLE_SNAPSHOTS"):
        rows(client, "SELECT 1 AS a FROM d.INFORMATION_SCHEMA.TABLE_SNAPSHOTS")
