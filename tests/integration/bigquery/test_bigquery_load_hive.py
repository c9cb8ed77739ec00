"""Loads of objects in whose names columns stand, and names that are no columns' names."""

from __future__ import annotations

import datetime as dt
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

from harness.services.bigquery import BigQueryStub

PROJECT = "test-project"


@pytest.fixture
def world(gcs_server):
    url, put = gcs_server
    stub = BigQueryStub(project=PROJECT, gcs_endpoint=url)
    stub.start()
    with stub.client() as client:
        client.create_dataset("d")
        yield client, put
    stub.stop()


def parquet(columns):
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def hive(mode, prefix):
    options = bq.HivePartitioningOptions()
    options.mode = mode
    options.source_uri_prefix = prefix
    return options


def load(client, kind, uri="gs://b/t/*", *, mode="AUTO", prefix="gs://b/t", **options):
    config = bq.LoadJobConfig(source_format=kind)
    config.hive_partitioning = hive(mode, prefix)
    for name, value in options.items():
        setattr(config, name, value)
    job = client.load_table_from_uri(uri, f"{PROJECT}.d.t", job_config=config)
    job.result()
    return job


def rows_of(client):
    return sorted(tuple(row) for row in client.list_rows(client.get_table("d.t")))


def test_the_keys_are_columns_and_may_cut_the_table(world):
    client, put = world
    put("b", "t/dt=2021-01-01/n=1/a.parquet", parquet({"id": [1, 2]}))
    put("b", "t/dt=2021-01-02/n=__HIVE_DEFAULT_PARTITION__/a.parquet", parquet({"id": [3]}))
    job = load(client, "PARQUET", time_partitioning=bq.TimePartitioning(field="dt"))
    assert (job.output_rows, job.input_files) == (3, 2)
    first, second = dt.date(2021, 1, 1), dt.date(2021, 1, 2)
    assert rows_of(client) == [(1, first, 1), (2, first, 1), (3, second, None)]
    assert client.list_partitions("d.t") == ["20210101", "20210102"]


@pytest.mark.parametrize(
    ("mode", "prefix", "value"),
    [("STRINGS", "gs://b/t", "1"), ("CUSTOM", "gs://b/t/{n:INTEGER}", 1)],
)
def test_modes(world, mode, prefix, value):
    client, put = world
    put("b", "t/n=1/a.csv", b"x\ny\n")
    schema = [bq.SchemaField("s", "STRING")]
    load(client, "CSV", mode=mode, prefix=prefix, schema=schema)
    assert rows_of(client) == [("x", value), ("y", value)]


def test_bad_rows_of_all_files_count(world):
    client, put = world
    for number in (1, 2):
        put("b", f"t/n={number}/a.csv", b"1\nx\n")
    schema = [bq.SchemaField("a", "INTEGER")]
    job = load(client, "CSV", schema=schema, max_bad_records=2)
    assert rows_of(client) == [(1, 1), (1, 2)]
    assert len(job.errors) == 2
    with pytest.raises(BadRequest, match="too many errors"):
        load(client, "CSV", schema=schema, max_bad_records=1)
    assert client.get_table("d.t").num_rows == 2


def test_names_that_do_not_agree(world):
    client, put = world
    put("b", "t/n=1/a.csv", b"1\n")
    put("b", "t/m=1/a.csv", b"1\n")
    with pytest.raises(BadRequest, match="Partition keys should be invariant"):
        load(client, "CSV", schema=[bq.SchemaField("a", "INTEGER")])
    with pytest.raises(BadRequest, match="is not a prefix of"):
        load(client, "CSV", prefix="gs://other/t", schema=[bq.SchemaField("a", "INTEGER")])
    assert list(client.list_tables("d")) == []


def test_an_upload_has_no_names(world):
    client, _ = world
    config = bq.LoadJobConfig(source_format="CSV", schema=[bq.SchemaField("a", "INTEGER")])
    config.hive_partitioning = hive("AUTO", "gs://b/t")
    with pytest.raises(BadRequest, match="only be used with sourceUris"):
        client.load_table_from_file(io.BytesIO(b"1\n"), "d.t", job_config=config).result()


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ("V1", ["a_b", "_1", "ok"]),
        ("V2", ["a b", "1", "ok"]),
        ("STRICT", ["a b", "1", "ok"]),
        (None, 'Invalid field name "a b"'),
        ("V9", "columnNameCharacterMap"),
    ],
)
def test_names_of_columns(client, given, outcome):
    content = parquet({"a b": [1], "1": ["x"], "ok": [2]})
    config = bq.LoadJobConfig(source_format="PARQUET")
    config._set_sub_prop("columnNameCharacterMap", given)
    job = client.load_table_from_file
    if isinstance(outcome, list):
        job(io.BytesIO(content), "d.t", job_config=config).result()
        assert [field.name for field in client.get_table("d.t").schema] == outcome
        assert rows_of(client) == [(1, "x", 2)]
    else:
        with pytest.raises(BadRequest, match=outcome):
            job(io.BytesIO(content), "d.t", job_config=config).result()
