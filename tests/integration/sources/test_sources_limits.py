"""What a sample or a view costs has a limit, in rows, in bytes, in money and in time."""

from __future__ import annotations

import threading
from contextlib import closing

import psycopg2
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage

from harness.errors import InputError
from tests.integration.sources.conftest import keep


def postgres(found):
    """A connection on the way that pipelines take."""
    url = found.session.stack.environment()
    parts = {"host": url["PGHOST"], "port": url["PGPORT"], "dbname": url["PGDATABASE"]}
    return psycopg2.connect(**parts, user=url["PGUSER"], password=url["PGPASSWORD"])


def google(kind, found, variable):
    address = found.session.stack.environment()[variable]
    return kind(
        project="harness-project",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": address},
    )


def test_a_sample_of_a_table_of_postgres_has_a_limit(record, postgres_source):
    postgres_source.execute("CREATE VIEW vast AS SELECT n FROM generate_series(1, 150000) n")
    with record(postgres=postgres_source.url, mib=1, sample=5) as found:
        with closing(postgres(found)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM vast")
        with pytest.raises(InputError, match=r"more than 100,000 rows, too much for a sample"):
            keep(found)


def test_a_sample_of_an_object_has_a_limit(record, gcs_source):
    with closing(gcs_source.client()) as client:
        client.create_bucket("vast").blob("a.csv").upload_from_string("n\n" + "1\n" * (6 << 20))
    with record(gcs=gcs_source.endpoint, mib=1, sample=5) as found:
        with closing(google(storage.Client, found, "STORAGE_EMULATOR_HOST")) as client:
            client.bucket("vast").get_blob("a.csv")
        with pytest.raises(InputError, match=r"more than 10 MiB, too much for a sample"):
            keep(found)


@pytest.fixture(scope="module")
def views(bigquery_source):
    days = [f"CREATE TABLE vast.day_{day} AS SELECT {day} AS n;" for day in range(11)]
    every = " UNION ALL ".join(f"SELECT n FROM vast.day_{day}" for day in range(11))
    numbers = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, {})) AS n"
    with closing(bigquery_source.client()) as client:
        client.query(
            f"CREATE SCHEMA vast; {''.join(days)} CREATE VIEW vast.dear AS {every};"
            f"CREATE VIEW vast.long AS {numbers.format(20_000)};"
            f"CREATE TABLE vast.table AS {numbers.format(150_000)}"
        ).result()
    return bigquery_source


@pytest.mark.parametrize(
    ("name", "sample", "message"),
    [
        ("dear", None, "is billed for more than 100 MiB"),
        ("long", None, "more than 10,000 rows: take a sample"),
        ("table", 5, "more than 100,000 rows, too much for a sample"),
    ],
)
def test_a_view_and_a_sample_of_bigquery_have_limits(record, views, name, sample, message):
    with record(bigquery=views.url, mib=1, sample=sample) as found:
        with closing(google(bigquery.Client, found, "BIGQUERY_EMULATOR_HOST")) as client:
            client.query(f"SELECT COUNT(*) FROM vast.{name}").result()
        with pytest.raises(InputError, match=message):
            keep(found)


def test_a_view_is_asked_for_with_limits(record, views):
    with record(bigquery=views.url, mib=20, deadline=77) as found:
        with closing(google(bigquery.Client, found, "BIGQUERY_EMULATOR_HOST")) as client:
            assert [row.c for row in client.query("SELECT COUNT(*) AS c FROM vast.long")] == [20000]
        keep(found)
    with closing(views.client()) as client:
        asked = [job for job in client.list_jobs() if "vast.long`" in job.query]
        job = client.get_job(asked[0].job_id)
    assert job.maximum_bytes_billed == 200 << 20
    assert int(job.to_api_repr()["configuration"]["jobTimeoutMs"]) == 77_001


def test_postgres_is_not_waited_for_without_end(record, postgres_source):
    postgres_source.execute("CREATE VIEW endless AS SELECT pg_sleep(600) IS NULL AS n")
    with record(postgres=postgres_source.url, deadline=3) as found:
        with closing(postgres(found)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_tables WHERE tablename = 'endless'")
            connection.rollback()
            cursor.execute("SELECT count(*) FROM endless")
        with pytest.raises(InputError, match="statement timeout"):
            keep(found)


def test_an_end_while_something_is_fetched_waits_for_nobody(record, postgres_source):
    postgres_source.execute("CREATE VIEW asleep AS SELECT pg_sleep(600) IS NULL AS n")
    with record(postgres=postgres_source.url, deadline=600) as found:
        source, begun = found.sources["postgres"], threading.Event()
        found.shelf.progress = lambda _: begun.set()
        thread = threading.Thread(target=source.statement, args=["SELECT * FROM asleep"])
        thread.start()
        assert begun.wait(60)
    thread.join(60)
    assert not thread.is_alive()
