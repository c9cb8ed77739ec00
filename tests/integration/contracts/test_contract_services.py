"""Contracts over the real services: keys that they know, types in their terms, hostile content."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.contracts.check import check
from harness.contracts.draft import contract_of
from harness.contracts.export import Target, exported
from harness.contracts.facts import facts_of
from harness.contracts.reader import parse_document
from harness.contracts.text import new_text
from harness.services.stack import Stack

ODD = """
CREATE TABLE "odd ""one"", 1" (
    "a ""b"" 'c'" numeric(40, 20), "new
line" double precision, whole numeric, at timestamptz, until timestamp, day date, hour time,
    tags text[], data jsonb, id uuid, span interval, raw bytea, few boolean, far timestamp,
    PRIMARY KEY (id, day)
);
INSERT INTO "odd ""one"", 1" VALUES
    (12345678901234567890.12345678901234567890, 'NaN', 1e30, '2021-01-31 23:59:59.999999+05',
     '2021-02-28', '0001-01-01', '23:59:59.999999', '{a,NULL}', '{"a": [1]}',
     '00000000-0000-0000-0000-000000000001', '1 month 2 days', '\\x00ff', true, 'infinity'),
    (-0.00000000000000000001, '-Infinity', NULL, NULL, NULL, '9999-12-31', '00:00', '{}', NULL,
     '00000000-0000-0000-0000-000000000002', NULL, '', NULL, '-infinity');
CREATE TABLE empty (id bigint NOT NULL, name varchar(5));
CREATE TABLE nothing ();
CREATE TABLE days (day date, n int) PARTITION BY RANGE (day);
CREATE TABLE days_2021 PARTITION OF days FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
INSERT INTO days VALUES ('2021-01-01', 1), ('2021-01-02', 2);
"""
NESTED = """
CREATE SCHEMA lake;
CREATE TABLE lake.nested (
  id INT64 NOT NULL, part STRUCT<a INT64, b ARRAY<STRUCT<c STRING>>>, n NUMERIC,
  big BIGNUMERIC, at TIMESTAMP, d DATE, f FLOAT64, PRIMARY KEY (id) NOT ENFORCED
) PARTITION BY d;
INSERT INTO lake.nested VALUES
  (1, STRUCT(1, [STRUCT('x')]), 1.25, BIGNUMERIC '1e30', '2021-01-31 10:00:00+00', '2021-01-31',
   CAST('inf' AS FLOAT64)),
  (2, NULL, NULL, NULL, NULL, NULL, CAST('nan' AS FLOAT64));
CREATE VIEW lake.seen AS SELECT id FROM lake.nested;
"""


@pytest.fixture(scope="module")
def stack(mage_settings):
    with Stack(mage_settings) as stack:
        stack.start(["postgres", "gcs", "bigquery"])
        yield stack


@pytest.fixture
def sources(stack):
    stack.reset()
    return {"postgres": stack.postgres, "gcs": stack.gcs, "bigquery": stack.bigquery}


def drafted(sources):
    found = [
        facts_of(sources, sink.service, sink.name)
        for source in sources.values()
        for sink in source.inventory()
    ]
    text = new_text(contract_of("shop", found))
    document = parse_document(text, file=Path("contracts/shop.yaml"))
    wrote = [(one.service, one.name) for one in found]
    assert check(document, sources, wrote=wrote) == ()
    return document


def test_tables_of_postgres(sources):
    sources["postgres"].execute(ODD)
    said = drafted(sources).contract.postgres
    assert list(said) == ["public.days", "public.empty", "public.nothing", 'public.odd "one", 1']
    odd = said['public.odd "one", 1']
    assert (odd.rows, odd.key.columns, odd.key.inferred) == (2, ("id", "day"), None)
    assert odd.columns["a \"b\" 'c'"].between == (
        "-0.00000000000000000001",
        "12345678901234567890.12345678901234567890",
    )
    line = odd.columns["new\nline"]
    assert (line.nan, line.between) == (1, ("-Infinity", "-Infinity"))
    assert odd.columns["whole"].between == ("1" + "0" * 30,) * 2
    assert odd.columns["at"].between == ("2021-01-31 18:59:59.999999+00:00",) * 2
    assert odd.columns["day"].between == ("0001-01-01", "9999-12-31")
    assert odd.columns["far"].between is None
    assert odd.columns["id"].required
    assert said["public.empty"].rows == 0
    assert said["public.nothing"].columns == {}
    assert said["public.days"].partitions.ids == {"days_2021": 2}


def test_tables_of_bigquery_and_their_schema_there(sources, stack):
    with stack.bigquery.client() as client:
        for statement in NESTED.split(";\n"):
            if statement.strip():
                client.query_and_wait(statement)
        document = drafted(sources)
        nested = document.contract.bigquery["lake.nested"]
        assert (nested.rows, nested.key.columns) == (2, ("id",))
        assert nested.partitions.ids == {"20210131": 1, "__NULL__": 1}
        assert nested.columns["f"].between == ("Infinity", "Infinity")
        assert (nested.columns["big"].type, nested.columns["big"].nulls) == ("BIGNUMERIC", 1)
        assert document.contract.bigquery["lake.seen"].rows == 2

        from google.cloud import bigquery

        text = exported([document.contract], to=Target.BIGQUERY, sink="lake.nested")
        schema = client.schema_from_json(io.StringIO(text))
        made = client.create_table(bigquery.Table(f"{client.project}.lake.made", schema=schema))
        there = client.get_table("lake.nested")
        assert [field.to_api_repr() for field in made.schema] == [
            field.to_api_repr() for field in there.schema
        ]


def test_the_schema_of_a_table_of_postgres_makes_one_of_bigquery(sources, stack):
    sources["postgres"].execute(ODD)
    name = "public.empty"
    text = exported([drafted(sources).contract], to=Target.BIGQUERY, sink=name)
    with stack.bigquery.client() as client:
        from google.cloud import bigquery

        client.create_dataset("lake")
        schema = client.schema_from_json(io.StringIO(text))
        made = client.create_table(bigquery.Table(f"{client.project}.lake.e", schema=schema))
        assert [(field.name, field.field_type, field.mode) for field in made.schema] == [
            ("id", "INTEGER", "REQUIRED"),
            ("name", "STRING", "NULLABLE"),
        ]


def test_objects_and_datasets_of_cloud_storage(sources, stack):
    with stack.gcs.client() as client:
        bucket = client.create_bucket("lake")
        for day in range(100):
            table = pa.table({"n": [day, day + 1], "note": ["x", None]})
            put(bucket, f"days/day={day:03}/part-0.parquet", table)
        put(bucket, "one 'two' \"three\".parquet", pa.table({"a.b": pa.array([], pa.int64())}))
        bucket.blob("note.txt").upload_from_string("hello")
        bucket.blob("broken.parquet").upload_from_string("no parquet")
    said = drafted(sources).contract.gcs
    assert list(said) == [
        "lake/broken.parquet",
        "lake/days/",
        "lake/note.txt",
        "lake/one 'two' \"three\".parquet",
    ]
    days = said["lake/days/"]
    assert (days.rows, days.partitions.count, days.partitions.first) == (200, 100, "day=000")
    assert days.columns["note"].nulls == 100


def put(bucket, name, table):
    stream = io.BytesIO()
    pq.write_table(table, stream)
    bucket.blob(name).upload_from_string(stream.getvalue())
