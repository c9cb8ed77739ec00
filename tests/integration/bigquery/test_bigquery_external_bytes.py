"""External tables beneath wildcards, views and limits of bytes."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

from harness.services.bigquery import BigQueryStub

CONTENT = b"1\n2\n"


@pytest.fixture
def client(gcs_server):
    url, put = gcs_server
    put("b", "a.csv", CONTENT)
    stub = BigQueryStub(project="test-project", gcs_endpoint=url)
    stub.start()
    with stub.client() as client:
        client.create_dataset("d")
        client.query_and_wait(
            "CREATE EXTERNAL TABLE d.day_e (a INT64) "
            "OPTIONS (format = 'CSV', uris = ['gs://b/a.csv'])"
        )
        yield client
    stub.stop()


@pytest.mark.parametrize("where", ["", " WHERE _TABLE_SUFFIX = '1'"])
def test_a_wildcard_reads_none(client, where):
    client.query_and_wait("CREATE TABLE d.day_1 AS SELECT 1 AS a")
    with pytest.raises(BadRequest, match=r"External tables cannot be .* test-project:d\.day_e"):
        client.query_and_wait(f"SELECT a FROM `d.day_*`{where}")


def test_a_limit_of_bytes(client):
    config = bq.QueryJobConfig(maximum_bytes_billed=10 << 20)
    job = client.query("SELECT a FROM d.day_e ORDER BY a", job_config=config)
    assert [row.a for row in job.result()] == [1, 2]
    assert job.total_bytes_processed == len(CONTENT)


def test_bytes_of_files_beneath_views(client):
    client.query_and_wait("CREATE VIEW d.v AS SELECT a FROM d.day_e")
    client.query_and_wait("CREATE VIEW d.w AS SELECT a FROM d.v")
    for view in ("d.v", "d.w"):
        job = client.query(f"SELECT a FROM {view}")
        job.result()
        assert job.total_bytes_processed == len(CONTENT)
    config = bq.QueryJobConfig(maximum_bytes_billed=1)
    with pytest.raises(Exception, match="10485760 or higher required"):
        client.query("SELECT a FROM d.w", job_config=config).result()
