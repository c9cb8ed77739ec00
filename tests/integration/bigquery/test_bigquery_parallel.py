"""Many clients at once lose nothing, see whole tables only, and leave nothing behind."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.api_core.exceptions import BadRequest, Conflict, GoogleAPICallError
from google.cloud import bigquery as bq

THREADS = 8
JSON = {"source_format": "NEWLINE_DELIMITED_JSON"}


def at_once(*works):
    """All at the same time, each in a thread; what they return, or the first error."""
    gate = threading.Barrier(len(works))

    def one(work):
        gate.wait(60)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result() for done in [pool.submit(one, work) for work in works]]


def load(client, table, rows, **config):
    config = bq.LoadJobConfig(**JSON, schema=[bq.SchemaField("a", "INT64")], **config)
    return client.load_table_from_json(rows, table, job_config=config).result()


def count(client, table):
    return next(iter(client.query_and_wait(f"SELECT COUNT(*) AS n FROM {table}"))).n


def number(client, table):
    return client.get_table(table).num_rows


@pytest.fixture
def held(stub):
    """DuckDB's tables that no entry of the catalog names."""
    catalog = stub._server.catalog

    def names():
        known = {table.rows_in for table in catalog.facts()[1].values()}
        with catalog.database.cursor() as cursor:
            rows = cursor.execute(
                "SELECT 'rows.' || table_name FROM duckdb_tables() WHERE schema_name = 'rows'"
            ).fetchall()
        return {name for (name,) in rows} - known

    before = names()
    yield names
    assert names() <= before


def test_rows_that_come_from_everywhere_into_one_table(stub, client, held):
    client.query_and_wait("CREATE TABLE d.t (a INT64)")

    def streaming(start):
        def work():
            for at in range(5):
                rows = [{"a": start + at * 10 + one} for one in range(10)]
                assert client.insert_rows_json("d.t", rows) == []

        return work

    def loading(start):
        def work():
            for at in range(3):
                load(client, "d.t", [{"a": start + at * 10 + one} for one in range(10)])

        return work

    def inserting(start):
        def work():
            for at in range(5):
                client.query_and_wait(f"INSERT INTO d.t (a) VALUES ({start + at})")

        return work

    seen = []

    def looking():
        seen.extend(count(client, "d.t") for _ in range(15))

    at_once(
        *(streaming(start) for start in (1000, 2000, 3000)),
        *(loading(start) for start in (4000, 5000)),
        *(inserting(start) for start in (6000, 7000)),
        looking,
    )
    assert count(client, "d.t") == number(client, "d.t") == 3 * 50 + 2 * 30 + 2 * 5
    distinct = client.query_and_wait("SELECT COUNT(DISTINCT a) AS n FROM d.t")
    assert next(iter(distinct)).n == 220
    assert seen == sorted(seen)


def test_a_table_of_ones_own(client, held):
    def work(name):
        def inner():
            client.query_and_wait(f"CREATE TABLE d.{name} (a INT64)")
            for at in range(4):
                load(client, f"d.{name}", [{"a": at}] * 10)
                client.query_and_wait(f"INSERT INTO d.{name} (a) VALUES ({at})")
                client.query_and_wait(f"UPDATE d.{name} SET a = a + 100 WHERE a = {at}")
            client.query_and_wait(f"DELETE FROM d.{name} WHERE a = 100")

        return inner

    names = [f"t{at}" for at in range(THREADS)]
    at_once(*map(work, names))
    for name in names:
        rows = client.query_and_wait(f"SELECT a, COUNT(*) AS n FROM d.{name} GROUP BY a ORDER BY a")
        assert [tuple(row) for row in rows] == [(101, 11), (102, 11), (103, 11)]


def test_changes_of_the_same_rows_are_all_done_or_refused(client, held):
    """As the real one: DML that meets another is done after it, or refused and may be repeated."""
    client.query_and_wait("CREATE TABLE d.t AS SELECT 0 AS a")
    refused = []

    def adding():
        done = 0
        for _ in range(10):
            try:
                client.query_and_wait("UPDATE d.t SET a = a + 1 WHERE true", job_retry=None)
                done += 1
            except BadRequest as error:
                refused.append(str(error))
        return done

    done = at_once(*[adding] * THREADS)
    assert all("concurrent update" in message for message in refused)
    rows = [tuple(row) for row in client.list_rows("d.t")]
    assert rows == [(sum(done),)]
    assert sum(done) + len(refused) == THREADS * 10


def test_a_merge_by_many_inserts_no_key_twice(client, held):
    client.query_and_wait("CREATE TABLE d.t (k INT64, n INT64)")

    def merging():
        for at in range(5):
            client.query_and_wait(
                f"MERGE d.t USING (SELECT {at} AS k) AS s ON t.k = s.k "
                "WHEN MATCHED THEN UPDATE SET n = n + 1 "
                "WHEN NOT MATCHED THEN INSERT (k, n) VALUES (k, 1)"
            )

    at_once(*[merging] * THREADS)
    rows = client.query_and_wait("SELECT k, n FROM d.t ORDER BY k")
    assert [tuple(row) for row in rows] == [(at, THREADS) for at in range(5)]


def test_who_looks_sees_a_load_wholly_or_not_at_all(client, held):
    load(client, "d.t", [{"a": 0}] * 100)
    ended = threading.Event()

    def truncating(value):
        def work():
            for _ in range(6):
                load(client, "d.t", [{"a": value}] * 100, write_disposition="WRITE_TRUNCATE")

        return work

    def looking():
        found = set()
        while not ended.is_set():
            rows = client.query_and_wait("SELECT a, COUNT(*) AS n FROM d.t GROUP BY a")
            found.add(tuple(tuple(row) for row in rows))
            listed = {row.a for row in client.list_rows("d.t", max_results=100)}
            assert len(listed) == 1
        return found

    def ending():
        try:
            at_once(*(truncating(value) for value in range(1, 5)))
        finally:
            ended.set()

    *seen, _ = at_once(looking, looking, looking, ending)
    assert set.union(*seen) <= {((value, 100),) for value in range(5)}
    assert number(client, "d.t") == 100


def test_loads_that_fail_beside_loads_that_succeed(client, held):
    client.query_and_wait("CREATE TABLE d.t (a INT64)")

    def bad():
        for _ in range(4):
            with pytest.raises(BadRequest):
                load(client, "d.t", [{"a": 1}] * 50 + [{"a": "x"}])

    def good():
        for _ in range(4):
            load(client, "d.t", [{"a": 1}] * 50)

    at_once(bad, good, bad, good, bad, good)
    assert count(client, "d.t") == number(client, "d.t") == 3 * 4 * 50


def test_one_of_many_makes_what_all_want_to_make(client, held):
    def making(call):
        def work():
            try:
                call()
            except Conflict:
                return 0
            return 1

        return work

    table = bq.Table(f"{client.project}.d.t", [bq.SchemaField("a", "INT64")])
    for call in (
        lambda: client.create_dataset("new"),
        lambda: client.create_table(table),
        lambda: client.query_and_wait("CREATE TABLE d.u (a INT64)"),
        lambda: client.query("SELECT 1", job_id="mine", job_retry=None, retry=None).result(),
    ):
        assert sum(at_once(*[making(call)] * THREADS)) == 1


def test_tables_that_come_and_go(client, held):
    """No answer but a table that is whole, or that it is not there."""

    def turning():
        for _ in range(5):
            client.query_and_wait("CREATE OR REPLACE TABLE d.t AS SELECT 1 AS a, 2 AS b")
            client.delete_table("d.t", not_found_ok=True)
            client.query_and_wait("CREATE OR REPLACE TABLE d.t AS SELECT 'x' AS c")

    def looking():
        found = set()
        for _ in range(15):
            try:
                rows = client.query_and_wait("SELECT * FROM d.t", job_retry=None)
            except GoogleAPICallError as error:
                found.add(error.errors[0]["reason"])
            else:
                found.add(tuple(tuple(row.items()) for row in rows))
        return found

    _, *seen = at_once(turning, *[looking] * 4)
    assert set.union(*seen) <= {"notFound", ((("a", 1), ("b", 2)),), ((("c", "x"),),)}


def test_a_snapshot_among_writers(stub, client, held):
    client.query_and_wait("CREATE TABLE d.t (a INT64)")
    ended = threading.Event()

    def writing():
        while not ended.is_set():
            client.query_and_wait("INSERT INTO d.t (a) VALUES (1), (2)")

    def keeping():
        try:
            for _ in range(8):
                kept = stub.snapshot()
                stub.restore(kept)
                (table,) = kept.tables.values()
                assert table.rows % 2 == 0
        finally:
            ended.set()

    at_once(keeping, writing, writing)
    assert count(client, "d.t") == number(client, "d.t")
    assert count(client, "d.t") % 2 == 0


def test_clients_in_processes_of_their_own(stub, client, held):
    client.query_and_wait("CREATE TABLE d.t (a INT64)")
    code = """
import json, sys, urllib.request
url, start = sys.argv[1], int(sys.argv[2])
def post(path, body):
    asked = urllib.request.Request(url + "/bigquery/v2/projects/test-project" + path,
        json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as reply:
        return json.load(reply)
for at in range(10):
    rows = [{"json": {"a": start + at * 2 + one}} for one in range(2)]
    assert "insertErrors" not in post("/datasets/d/tables/t/insertAll", {"rows": rows})
    post("/queries", {"query": f"INSERT INTO d.t (a) VALUES ({start + 100 + at})",
                      "useLegacySql": False})
print(json.dumps("done"))
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-S", "-c", code, stub.url, str(start * 1000)], stdout=subprocess.PIPE
        )
        for start in range(THREADS)
    ]
    assert [json.loads(one.communicate(timeout=60)[0]) for one in processes] == ["done"] * THREADS
    distinct = client.query_and_wait("SELECT COUNT(DISTINCT a) AS n FROM d.t")
    assert next(iter(distinct)).n == count(client, "d.t") == number(client, "d.t") == THREADS * 30
