"""Extract jobs: what lies in the bucket afterwards."""

from __future__ import annotations

import gzip
import io
import json
import urllib.request

import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import bigquery as bq

from harness.services.bigquery import BigQueryStub

QUERY = """
CREATE TABLE d.t AS
SELECT 1 AS i, 'a,"b' AS s, 1.5 AS f, TRUE AS b, NUMERIC '2.50' AS n, DATE '2021-01-31' AS d,
  TIMESTAMP '2021-01-31 17:30:00.25+00' AS ts, DATETIME '2021-01-31 17:30:00' AS dt, CAST('x' AS BYTES) AS y
UNION ALL SELECT NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL
"""


@pytest.fixture
def bucket(gcs_server):
    """A client of a stub that has a GCS, and what reads an object."""
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
    job = client.extract_table(
        table, f"gs://bucket/{name}", job_config=bq.ExtractJobConfig(**options)
    )
    job.result()
    return job


def test_csv(bucket):
    client, read = bucket
    client.query_and_wait(QUERY)
    assert extract(client, "t.csv").destination_uri_file_counts == [1]
    assert read("t.csv").decode().splitlines() == [
        "i,s,f,b,n,d,ts,dt,y",
        '1,"a,""b",1.5,true,2.5,2021-01-31,2021-01-31 17:30:00.25 UTC,2021-01-31T17:30:00,eA==',
        ',"",,,,,,,',
    ]
    extract(client, "t.gz", compression="GZIP", field_delimiter="\t", print_header=False)
    first = gzip.decompress(read("t.gz")).decode().splitlines()[0]
    assert first.startswith('1\t"a,""b"\t1.5')


def test_json_lines_and_a_wildcard(bucket):
    client, read = bucket
    client.query_and_wait(
        "CREATE TABLE d.t AS SELECT 9007199254740993 AS i, 'a\"\\n,b' AS s, 1.5 AS f, "
        "[1, 2] AS l, STRUCT(TRUE AS x, CAST(NULL AS STRING) AS y) AS r, "
        "CAST(NULL AS INT64) AS none"
    )
    extract(client, "part-*.json", destination_format="NEWLINE_DELIMITED_JSON")
    (line,) = read("part-000000000000.json").decode().splitlines()
    assert json.loads(line) == {
        "i": "9007199254740993",
        "s": 'a"\n,b',
        "f": 1.5,
        "l": ["1", "2"],
        "r": {"x": True},
    }


def test_parquet_and_back(bucket):
    client, read = bucket
    client.query_and_wait(QUERY)
    extract(client, "t.parquet", destination_format="PARQUET", compression="SNAPPY")
    table = pq.read_table(io.BytesIO(read("t.parquet")))
    assert (table.num_rows, table.column("i").to_pylist()) == (2, [1, None])
    config = bq.LoadJobConfig(source_format="PARQUET")
    client.load_table_from_uri("gs://bucket/t.parquet", "d.back", job_config=config).result()
    # A civil time of a Parquet file is loaded as a TIMESTAMP, so that column is left out.
    query = "SELECT i, s, f, b, n, d, ts, y FROM d.{} ORDER BY i"
    back, there = (list(client.query_and_wait(query.format(name))) for name in ("back", "t"))
    assert back == there


def test_one_partition(bucket):
    client, read = bucket
    client.query_and_wait("CREATE TABLE d.t (day DATE) PARTITION BY day")
    client.query_and_wait("INSERT INTO d.t (day) VALUES (DATE '2021-01-31'), (DATE '2021-02-01')")
    extract(client, "t.csv", "d.t$20210131")
    assert read("t.csv") == b"day\n2021-01-31\n"


def test_what_is_refused(bucket):
    client, _ = bucket
    client.query_and_wait("CREATE TABLE d.t AS SELECT [1] AS l")
    with pytest.raises(BadRequest, match=r"nested schema\. Field: l"):
        extract(client, "t.csv")
    with pytest.raises(BadRequest, match="Compression GZIP is not supported for AVRO"):
        extract(client, "t.avro", destination_format="AVRO", compression="GZIP")
    with pytest.raises(NotFound, match=r"Not found: Table test-project:d\.none"):
        extract(client, "t.csv", "d.none")
    with pytest.raises(NotFound, match="gs://none/t"):
        client.extract_table(
            "d.t",
            "gs://none/t",
            job_config=bq.ExtractJobConfig(destination_format="NEWLINE_DELIMITED_JSON"),
        ).result()
    with pytest.raises(BadRequest, match="Invalid extract destination URI"):
        client.extract_table("d.t", "file:///t").result()


def test_without_a_gcs_it_is_said_so(client):
    client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a")
    with pytest.raises(BadRequest, match="without a GCS endpoint"):
        extract(client, "t.csv")
