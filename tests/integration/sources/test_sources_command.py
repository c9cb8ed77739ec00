"""The command, with real Mage: record from sources, end them, and run with the seeds alone."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.services.bigquery import BigQueryStub
from harness.services.embedded.gcs import GcsServer
from harness.services.embedded.postgres import PostgresServer
from harness.settings import Settings
from tests.integration.sources.conftest import PROJECT

COMMAND = Path(sys.executable).parent / "mage-harness"
ORDERS = """
CREATE SCHEMA shop;
CREATE TABLE shop.zones (id int PRIMARY KEY, title text);
CREATE TABLE shop.orders (id bigserial PRIMARY KEY, place int REFERENCES shop.zones, fee numeric(8,2));
CREATE TABLE shop.closed (place int);
CREATE VIEW shop.rates AS SELECT 1.19::numeric(4, 2) AS rate;
CREATE TABLE shop.history (id bigint, title text, fee double precision, rate double precision);
CREATE TABLE shop.dear_orders (id bigint, title text, fee double precision, rate double precision);
CREATE TABLE shop.unread AS SELECT 1 AS a;
INSERT INTO shop.zones VALUES (1, 'North'), (2, 'South'), (3, 'East');
INSERT INTO shop.orders (place, fee) SELECT n % 3 + 1, n / 4.0 FROM generate_series(1, 30) n;
INSERT INTO shop.closed VALUES (3);
INSERT INTO shop.history VALUES (0, 'old', 1, 1);
INSERT INTO shop.dear_orders VALUES (0, 'old', 1, 1);
"""


@pytest.fixture
def command(tmp_path):
    """Runs the command in a folder of the test's own, on a copy of the project."""
    place = tmp_path / "work"
    shutil.copytree(PROJECT, place / "reads_sources")
    (place / "pyproject.toml").write_text(
        '[tool.mage-harness]\nproject = "reads_sources"\n', encoding="utf-8"
    )

    def run(*arguments):
        done = subprocess.run(
            [COMMAND, *map(str, arguments)],
            cwd=place,
            env={**os.environ, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    run.seeds = place / "fixtures" / "seeds"
    return run


def files(folder):
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.*"))


@pytest.mark.slow
def test_postgres(command):
    server = PostgresServer(cache=Settings().cache)
    server.start()
    try:
        server.execute(ORDERS)
        status, out = command("record", "from_postgres", "--sources", "--postgres", server.url)
        assert status == 0, out
        assert "It replays: without the web and the sources the pipeline did the same." in out
        assert server.query("SELECT title FROM shop.history").to_pylist() == [{"title": "old"}]
        assert server.query("SELECT title FROM shop.dear_orders").to_pylist() == [{"title": "old"}]
        assert server.password not in (command.seeds / "index.yaml").read_text()
    finally:
        server.stop()
    assert files(command.seeds / "postgres") == [
        "shop.closed.parquet",
        "shop.closed.sql",
        "shop.dear_orders.sql",
        "shop.history.sql",
        "shop.orders.parquet",
        "shop.orders.sql",
        "shop.rates.parquet",
        "shop.rates.sql",
        "shop.sql",
        "shop.zones.parquet",
        "shop.zones.sql",
    ]
    status, out = command("run", "from_postgres")
    assert status == 0, out
    assert "20 rows" in out


@pytest.mark.slow
def test_cloud_storage_and_bigquery(command):
    gcs = GcsServer(project="harness-project", cache=Settings().cache)
    gcs.start()
    bigquery = BigQueryStub(project="harness-project", gcs_endpoint=gcs.endpoint)
    bigquery.start()
    try:
        with closing(gcs.client()) as client:
            bucket = client.create_bucket("lake")
            body = io.BytesIO()
            pq.write_table(pa.table({"n": range(5)}), body)
            for name in ("green/trips.parquet", "yellow/day=1/part-0.parquet"):
                bucket.blob(name).upload_from_string(body.getvalue())
            bucket.blob("notes.csv").upload_from_string("a\n1\n", content_type="text/csv")
            bucket.blob("unread.csv").upload_from_string("a\n1\n")
        with closing(bigquery.client()) as client:
            client.query(
                "CREATE SCHEMA shop; CREATE TABLE shop.items (id INT64, name STRING);"
                "INSERT INTO shop.items VALUES (1, 'a'), (2, 'b'), (3, NULL);"
                "CREATE TABLE shop.days AS SELECT DATE '2021-01-01' AS day;"
                "CREATE TABLE shop.dear_items (id INT64); CREATE TABLE shop.unread (id INT64)"
            ).result()
        given = ("--gcs", gcs.endpoint, "--bigquery", bigquery.url)
        for pipeline in ("from_gcs", "from_bigquery"):
            status, out = command("record", pipeline, "--sources", *given)
            assert status == 0, out
            assert "without the web and the sources the pipeline did the same." in out
    finally:
        bigquery.stop()
        gcs.stop()
    assert files(command.seeds)[:-1] == [
        "bigquery/shop.days.parquet",
        "bigquery/shop.days.sql",
        "bigquery/shop.items.parquet",
        "bigquery/shop.items.sql",
        "bigquery/shop.sql",
        "gcs/lake/.keep",
        "gcs/lake/green/trips.parquet",
        "gcs/lake/notes.csv",
        "gcs/lake/yellow/day=1/part-0.parquet",
    ]
    status, out = command("run", "from_gcs", "from_bigquery")
    assert status == 0, out


def test_options_that_mean_nothing_alone(command):
    status, out = command("record", "from_gcs", "--gcs", "http://localhost:1")
    assert status == 2
    assert "give --sources too" in out
    status, out = command("record", "from_gcs", "--sources")
    assert status == 2
    assert "name the sources: --postgres URL" in out


def test_containers_are_refused(command):
    status, out = command(
        "record", "from_gcs", "--sources", "--gcs", "http://a:1", "--provider=docker"
    )
    assert status == 2
    assert "record with --provider embedded" in out


def test_a_source_that_does_not_answer(command):
    status, out = command("record", "from_gcs", "--sources", "--gcs", "http://127.0.0.1:9")
    assert status == 3
    assert "nothing listens on port 9" in out
    url = "postgresql://reader:hunter2hunter2@127.0.0.1:9/shop"
    status, out = command("record", "from_postgres", "--sources", "--postgres", url)
    assert status == 3
    assert "the PostgreSQL to record from cannot be read" in out
    assert "hunter2" not in out
