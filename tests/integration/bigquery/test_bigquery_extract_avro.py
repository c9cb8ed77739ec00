"""Avro extracts: schemas, codecs, and the way back."""

from __future__ import annotations

import datetime as dt
import io
import urllib.request
from decimal import Decimal

import fastavro
import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

from harness.services.bigquery import BigQueryStub

MAKE = """
CREATE TABLE d.t (
  i INT64 NOT NULL, s STRING, f FLOAT64, b BOOL, y BYTES, n NUMERIC, p NUMERIC(5, 2), j JSON,
  d DATE, tm TIME, dt DATETIME, ts TIMESTAMP, l ARRAY<DATE>,
  r STRUCT<x INT64, inner_part ARRAY<STRUCT<at DATETIME, ts TIMESTAMP>>>
);
INSERT d.t VALUES (
  1, 'é', 1.5, TRUE, FROM_HEX('ff'), NUMERIC '-12345678901234567890123456789.123456789', NUMERIC '1.25', JSON '{"a":1}',
  DATE '0001-01-01', TIME '01:02:03.5', DATETIME '2021-01-31 17:30:00', TIMESTAMP '2021-01-31 17:30:00.25+00',
  [DATE '2021-01-31'], (7, [(DATETIME '9999-12-31 23:59:59.999999', NULL)])
), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
"""
MOMENT = dt.datetime(2021, 1, 31, 17, 30, 0, 250000, tzinfo=dt.UTC)
NOTHING = dict.fromkeys(("s", "f", "b", "y", "n", "p", "j", "d", "tm", "dt", "ts", "r"))


@pytest.fixture
def bucket(gcs_server):
    stub = BigQueryStub(project="test-project", gcs_endpoint=gcs_server[0])
    stub.start()

    def read(name):
        url = f"{gcs_server[0]}/storage/v1/b/bucket/o/{name}?alt=media"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.read()

    with stub.client() as client:
        client.create_dataset("d")
        yield client, read
    stub.stop()


def extract(client, name, table="d.t", **options):
    config = bq.ExtractJobConfig(destination_format="AVRO", **options)
    client.extract_table(table, f"gs://bucket/{name}", job_config=config).result()


def kinds_of(schema):
    return {one["name"]: one["type"] for one in schema["fields"]}


def test_without_logical_types_dates_are_texts(bucket):
    client, read = bucket
    client.query_and_wait(MAKE)
    extract(client, "t-*.avro")
    content = read("t-000000000000.avro")
    reader = fastavro.reader(io.BytesIO(content))
    assert reader.codec == "null"
    told = kinds_of(reader.writer_schema)
    assert reader.writer_schema["name"] == "Root"
    decimal = {"type": "bytes", "logicalType": "decimal"}
    assert {name: told[name] for name in told if name not in "lr"} == {
        "i": "long",
        "s": ["null", "string"],
        "f": ["null", "double"],
        "b": ["null", "boolean"],
        "y": ["null", "bytes"],
        "n": ["null", decimal | {"precision": 38, "scale": 9}],
        "p": ["null", decimal | {"precision": 5, "scale": 2}],
        "j": ["null", {"type": "string", "sqlType": "JSON"}],
        "d": ["null", {"type": "string", "sqlType": "DATE"}],
        "tm": ["null", {"type": "string", "sqlType": "TIME"}],
        "dt": ["null", {"type": "string", "sqlType": "DATETIME"}],
        "ts": ["null", {"type": "long", "logicalType": "timestamp-micros"}],
    }
    assert told["l"] == {"type": "array", "items": {"type": "string", "sqlType": "DATE"}}
    inner = told["r"][1]
    assert inner["name"] == "root.R"
    assert kinds_of(inner)["inner_part"]["items"]["name"] == "root.R.Inner_part"
    first, second = sorted(reader, key=lambda row: row["i"])
    assert first == {
        "i": 1,
        "s": "é",
        "f": 1.5,
        "b": True,
        "y": b"\xff",
        "n": Decimal("-12345678901234567890123456789.123456789"),
        "p": Decimal("1.25"),
        "j": '{"a":1}',
        "d": "0001-01-01",
        "tm": "01:02:03.5",
        "dt": "2021-01-31T17:30:00",
        "ts": MOMENT,
        "l": ["2021-01-31"],
        "r": {"x": 7, "inner_part": [{"at": "9999-12-31T23:59:59.999999", "ts": None}]},
    }
    assert second == NOTHING | {"i": 2, "l": []}


@pytest.mark.parametrize("compression", ["NONE", "DEFLATE", "SNAPPY"])
def test_with_logical_types_all_comes_back(bucket, compression):
    client, read = bucket
    client.query_and_wait(MAKE)
    extract(client, "t.avro", compression=compression, use_avro_logical_types=True)
    content = read("t.avro")
    if compression != "SNAPPY":
        told = kinds_of(fastavro.reader(io.BytesIO(content)).writer_schema)
        assert told["d"][1] == {"type": "int", "logicalType": "date"}
        assert told["tm"][1] == {"type": "long", "logicalType": "time-micros"}
        assert told["dt"][1] == {"type": "string", "logicalType": "datetime"}
    assert compression.lower().replace("none", "null").encode() in content[:60]
    config = bq.LoadJobConfig(source_format="AVRO", use_avro_logical_types=True)
    client.load_table_from_uri("gs://bucket/t.avro", "d.back", job_config=config).result()
    query = "SELECT * FROM d.{} ORDER BY i"
    back, there = (
        [tuple(row) for row in client.query_and_wait(query.format(name))] for name in ("back", "t")
    )
    assert back == there
    types = [
        [field.field_type for field in client.get_table(name).schema] for name in ("d.back", "d.t")
    ]
    assert types[0] == types[1]


def test_many_rows_are_many_blocks(bucket):
    client, read = bucket
    client.query_and_wait("CREATE TABLE d.t AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS x")
    extract(client, "t.avro", compression="DEFLATE")
    content = read("t.avro")
    assert sorted(row["x"] for row in fastavro.reader(io.BytesIO(content))) == [*range(1, 2501)]
    assert sum(1 for _ in fastavro.block_reader(io.BytesIO(content))) > 1


def test_a_table_without_rows(bucket):
    client, read = bucket
    client.query_and_wait("CREATE TABLE d.t (a INT64)")
    extract(client, "t.avro", compression="SNAPPY")
    assert b'"long"' in read("t.avro")


@pytest.mark.parametrize("kind", ["BIGNUMERIC", "INTERVAL", "RANGE<DATE>"])
def test_types_without_a_known_form_are_refused_by_name(bucket, kind):
    client, _ = bucket
    client.query_and_wait(f"CREATE TABLE d.t (a INT64, r STRUCT<x {kind}>)")
    with pytest.raises(BadRequest, match=f"{kind} of column x in an Avro extract"):
        extract(client, "t.avro")
