"""Tables of a source BigQuery: what is named comes over, exactly, and becomes a seed."""

from __future__ import annotations

from contextlib import closing, contextmanager

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from harness.errors import InputError
from harness.running.session import Session
from harness.settings import Settings
from tests.integration.sources.conftest import PROJECT, keep

MAKE = """
CREATE SCHEMA shop;
CREATE TABLE shop.kinds (
    i INT64 NOT NULL, f FLOAT64, n NUMERIC, p NUMERIC(10, 2), s STRING(20), y BYTES, b BOOL,
    d DATE, t TIME, dt DATETIME, ts TIMESTAMP, list ARRAY<INT64>,
    rec STRUCT<a INT64, words ARRAY<STRING>>, recs ARRAY<STRUCT<x STRING, at TIMESTAMP>>)
PARTITION BY TIMESTAMP_TRUNC(ts, MONTH) CLUSTER BY i, s;
INSERT INTO shop.kinds VALUES
 (1, 0.1, 1.123456789, 1.5, 'é"', FROM_BASE64('AP8='), TRUE, '2021-01-31', '23:59:59.123456',
  DATETIME '2021-01-31 01:02:03.5', TIMESTAMP '2021-01-31 01:02:03.123456+05', [1, 2],
  STRUCT(1, ['a', '']), [STRUCT('x', TIMESTAMP '2021-01-01 00:00:00+00')]),
 (2, CAST('inf' AS FLOAT64), NULL, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, [], NULL, []);
CREATE TABLE shop.exact (big BIGNUMERIC, doc JSON, y BYTES);
INSERT INTO shop.exact VALUES
 (BIGNUMERIC '1234567890123456789012345678901234567.00000000000000000001',
  JSON '{"a": [1, null, "x"]}', FROM_BASE64('AP8=')), (NULL, NULL, NULL);
CREATE VIEW shop.few AS SELECT i, s FROM shop.kinds WHERE i = 1;
CREATE TABLE shop.day_1 (n INT64); INSERT INTO shop.day_1 VALUES (1);
CREATE TABLE shop.day_2 (n INT64); INSERT INTO shop.day_2 VALUES (2);
CREATE TABLE shop.sink (n INT64); INSERT INTO shop.sink VALUES (7);
CREATE TABLE shop.arrived (g INT64) PARTITION BY _PARTITIONDATE;
"""


@pytest.fixture(scope="module")
def source(bigquery_source):
    with closing(bigquery_source.client()) as client:
        client.query(MAKE).result()
    return bigquery_source


@pytest.fixture
def pipeline(record, source):
    @contextmanager
    def opened(**options):
        with record(bigquery=source.url, **options) as found:
            address = found.session.stack.environment()["BIGQUERY_EMULATOR_HOST"]
            with closing(client_of(address)) as client:
                yield client
            found.session.stack.incidents(0)
            keep(found)

    return opened


def client_of(address):
    return bigquery.Client(
        project="harness-project",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": address},
    )


def rows(client, query):
    found = client.query(query).result().to_arrow(create_bqstorage_client=False)
    return found.to_pylist()


@contextmanager
def planted(tmp_path):
    with Session(Settings(project=PROJECT, fixtures=tmp_path / "fixtures")) as session:
        session.plant()
        with closing(session.stack.bigquery.client()) as client:
            yield client


def seeds(tmp_path):
    folder = tmp_path / "fixtures" / "seeds" / "bigquery"
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("table", ["kinds", "exact"])
def test_types_come_over_exactly(pipeline, source, tmp_path, table):
    query = f"SELECT * FROM shop.{table}"
    with pipeline() as client:
        first = rows(client, query)
    with closing(source.client()) as client:
        assert first == rows(client, query)
        there = client.get_table(f"shop.{table}")
    with planted(tmp_path) as client:
        assert rows(client, query) == first
        here = client.get_table(f"shop.{table}")
    assert here.schema == there.schema
    assert here.time_partitioning == there.time_partitioning
    assert here.clustering_fields == there.clustering_fields


def test_names_are_found_wherever_they_stand(pipeline, tmp_path):
    with pipeline() as client:
        assert rows(client, "SELECT s FROM `harness-project`.shop.few") == [{"s": 'é"'}]
        assert rows(client, "SELECT SUM(n) AS n FROM `shop.day_*`") == [{"n": 3}]
        config = bigquery.QueryJobConfig(default_dataset="harness-project.shop")
        found = client.query("SELECT n FROM sink", job_config=config).result()
        assert [row.n for row in found] == [7]
        assert next(iter(client.list_rows("shop.kinds", max_results=1))).i == 1
    assert seeds(tmp_path) == [
        *("shop.day_1.parquet", "shop.day_1.sql", "shop.day_2.parquet", "shop.day_2.sql"),
        *("shop.few.parquet", "shop.few.sql", "shop.kinds.parquet", "shop.kinds.sql"),
        *("shop.sink.parquet", "shop.sink.sql", "shop.sql"),
    ]


def test_what_the_pipeline_writes_is_no_source(pipeline, source, tmp_path):
    with pipeline() as client:
        client.query("CREATE OR REPLACE TABLE shop.sink AS SELECT n FROM shop.day_1").result()
        assert rows(client, "SELECT n FROM shop.sink") == [{"n": 1}]
        client.query("INSERT INTO shop.day_2 (n) VALUES (9)").result()
    assert seeds(tmp_path) == [
        *("shop.day_1.parquet", "shop.day_1.sql", "shop.day_2.sql", "shop.sql"),
    ]
    with closing(source.client()) as client:
        assert rows(client, "SELECT n FROM shop.sink UNION ALL SELECT n FROM shop.day_2") == [
            {"n": 7},
            {"n": 2},
        ]


def test_what_no_seed_can_hold_is_refused_by_name(pipeline, tmp_path):
    message = r"shop\.arrived of BigQuery: it is partitioned by the time at which its rows came"
    with pytest.raises(InputError, match=message), pipeline() as client:
        client.query("SELECT 1 FROM shop.arrived")
    assert not (tmp_path / "fixtures").exists()


def test_samples(pipeline, source, tmp_path):
    make = "CREATE OR REPLACE TABLE shop.many AS SELECT n, 'x' AS w FROM UNNEST({}) AS n"
    with closing(source.client()) as client:
        client.query(make.format("GENERATE_ARRAY(1, 20000)")).result()
    with pytest.raises(InputError, match="more than 10,000 rows"), pipeline(mib=1) as client:
        client.query("SELECT * FROM shop.many").result()
    with pipeline(mib=1, sample=50) as client:
        assert rows(client, "SELECT COUNT(*) AS c, MAX(n) AS m FROM shop.many") == [
            {"c": 50, "m": 20000}
        ]
    assert "of: 20000" in (tmp_path / "fixtures/seeds/index.yaml").read_text()


def test_a_dataset_elsewhere_is_there_though_nothing_of_it_is_read(pipeline, source, tmp_path):
    with closing(source.client()) as client:
        client.query(
            "CREATE SCHEMA IF NOT EXISTS europe OPTIONS (location = 'EU');"
            "CREATE OR REPLACE TABLE europe.days AS SELECT 1 AS n"
        ).result()
        client.create_dataset("void", exists_ok=True)
    with pipeline() as client:
        assert client.get_dataset("void").location == "US"
        assert rows(client, "SELECT n FROM europe.days") == [{"n": 1}]
    with planted(tmp_path) as client:
        assert client.get_dataset("europe").location == "EU"
        assert rows(client, "SELECT n FROM europe.days") == [{"n": 1}]
        assert client.get_dataset("void").dataset_id == "void"
