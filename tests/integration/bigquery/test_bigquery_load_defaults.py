"""Default values in loads: for columns that the load lacks, not for keys that a row lacks.

Source: "Specify default column values", section on load jobs: defaults are applied when the loaded
data has fewer columns than the table, and NULLs are kept; a file of text has the columns of the
schema that the job gives or detects. github.com/googleapis/python-bigquery/issues/1495 tells the
same of rows without the key.
"""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

ONLY_A = [bq.SchemaField("a", "INTEGER")]


@pytest.fixture
def table(client):
    client.query_and_wait(
        "CREATE TABLE d.t (a INT64, b STRING DEFAULT 'hello', c ARRAY<INT64> DEFAULT [1, 2])"
    )
    return client.get_table("d.t")


def rows_of(client):
    return [tuple(row) for row in client.query_and_wait("SELECT a, b, c FROM d.t ORDER BY a")]


def test_a_row_without_the_key_has_null(client, table):
    for options in ({}, {"schema": table.schema}):
        rows = [{"a": 1}, {"a": 2, "b": None}, {"a": 3, "b": "x", "c": [7]}]
        config = bq.LoadJobConfig(write_disposition="WRITE_TRUNCATE_DATA", **options)
        client.load_table_from_json(rows, "d.t", job_config=config).result()
        assert rows_of(client) == [(1, None, []), (2, None, []), (3, "x", [7])]


@pytest.mark.parametrize("options", [{"schema": ONLY_A}, {"autodetect": True}])
def test_a_load_without_the_column_has_the_default(client, table, options):
    config = bq.LoadJobConfig(**options)
    client.load_table_from_json([{"a": 1}], table, job_config=config).result()
    config = bq.LoadJobConfig(source_format="CSV", schema=ONLY_A)
    client.load_table_from_file(io.BytesIO(b"2\n"), table, job_config=config).result()
    assert rows_of(client) == [(1, "hello", [1, 2]), (2, "hello", [1, 2])]


def test_a_detected_column_is_no_missing_one(client, table):
    config = bq.LoadJobConfig(autodetect=True)
    client.load_table_from_json([{"a": 1, "b": "x"}, {"a": 2}], table, job_config=config).result()
    assert rows_of(client) == [(1, "x", [1, 2]), (2, None, [1, 2])]


def test_a_parquet_file_without_the_column_has_the_default(client, table):
    file = io.BytesIO()
    pq.write_table(pa.table({"a": [1], "b": pa.array([None], "string")}), file)
    config = bq.LoadJobConfig(source_format="PARQUET")
    client.load_table_from_file(file, table, rewind=True, job_config=config).result()
    assert rows_of(client) == [(1, None, [1, 2])]


def test_a_required_column_is_still_required(client):
    client.query_and_wait("CREATE TABLE d.r (a INT64, b STRING NOT NULL DEFAULT 'hello')")
    with pytest.raises(BadRequest, match="Missing required field: b"):
        client.load_table_from_json([{"a": 1}], "d.r").result()
