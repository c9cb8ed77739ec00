"""Each way to change a table leaves the rows that a snapshot shows as they are."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

TODAY = dt.datetime.now(dt.UTC).strftime("%Y%m%d")
LINES = b'{"id": 9, "day": "2021-01-01"}\n'


@pytest.fixture
def tables(client):
    """A table cut by a column, two cut by the time of arrival, and one beside them."""
    client.query_and_wait(
        "CREATE TABLE d.t (id INT64 NOT NULL, day DATE, s STRING DEFAULT 'x', n NUMERIC(5, 2)) "
        "PARTITION BY day CLUSTER BY id"
    )
    client.query_and_wait(
        "INSERT INTO d.t (id, day, n) "
        "VALUES (1, '2021-01-01', 1.5), (2, '2021-01-02', NULL), (3, NULL, 3)"
    )
    for name in ("d.i", "d.j"):
        table = bq.Table(f"test-project.{name}", schema=[bq.SchemaField("id", "INTEGER")])
        table.time_partitioning = bq.TimePartitioning()
        client.create_table(table)
        client.insert_rows_json(name, [{"id": ord(letter)} for letter in name])
    client.query_and_wait("CREATE TABLE d.plain AS SELECT 1 AS id, 'a' AS s")
    return client


def state(client):
    """What a client sees of all tables."""
    seen = {}
    for item in client.list_tables("d"):
        table = client.get_table(item)
        query = f"SELECT * FROM d.{item.table_id}"
        cut = table.time_partitioning
        seen[item.table_id] = (
            table.schema,
            table.num_rows,
            [tuple(row) for row in client.list_rows(table)],
            sorted(map(repr, (tuple(row) for row in client.query_and_wait(query)))),
            client.list_partitions(table) if cut else None,
        )
    return seen


def load(client, name, content=LINES, **options):
    config = bq.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", **options)
    client.load_table_from_file(io.BytesIO(content), name, job_config=config).result()


def patched(client):
    table = client.get_table("d.t")
    table.schema = [*table.schema, bq.SchemaField("more", "STRING")]
    client.update_table(table, ["schema"])


def expired(client):
    table = client.get_table("d.t")
    table.time_partitioning = bq.TimePartitioning(field="day", expiration_ms=86_400_000)
    client.update_table(table, ["time_partitioning"])


def copied(client, source, target, **options):
    client.copy_table(source, target, job_config=bq.CopyJobConfig(**options)).result()


STATEMENTS = [
    "INSERT INTO d.t (id, day) VALUES (4, '2021-01-01')",
    "INSERT INTO d.t SELECT * FROM d.t",
    "UPDATE d.t SET s = 'z' WHERE id = 2",
    "UPDATE d.t SET s = o.s FROM d.plain AS o WHERE o.id = t.id",
    "DELETE FROM d.t WHERE id = 3",
    "DELETE FROM d.t WHERE true",
    "MERGE d.t AS t USING d.plain AS o ON t.id = o.id WHEN MATCHED THEN DELETE",
    "MERGE d.t USING d.plain ON false WHEN NOT MATCHED BY SOURCE THEN UPDATE SET s = 'gone'",
    "MERGE d.t USING (SELECT 7 AS id) AS o ON false WHEN NOT MATCHED THEN INSERT (id) VALUES (7)",
    "TRUNCATE TABLE d.t",
    "ALTER TABLE d.t ADD COLUMN more INT64",
    "ALTER TABLE d.t DROP COLUMN s",
    "ALTER TABLE d.t RENAME COLUMN s TO r",
    "ALTER TABLE d.t ALTER COLUMN n SET DATA TYPE NUMERIC",
    "ALTER TABLE d.t ALTER COLUMN id DROP NOT NULL",
    "ALTER TABLE d.t ALTER COLUMN s SET DEFAULT 'y'",
    "ALTER TABLE d.t RENAME TO renamed",
    "CREATE OR REPLACE TABLE d.t AS SELECT 1 AS other",
    "DROP TABLE d.t",
    "DROP SCHEMA d CASCADE; CREATE SCHEMA d",
    "INSERT INTO d.i (id) VALUES (2)",
    "UPDATE d.i SET id = 5 WHERE true",
]
CALLS = {
    "load append": lambda client: load(client, "d.t"),
    "load truncate": lambda client: load(client, "d.t", write_disposition="WRITE_TRUNCATE"),
    "load truncate data": lambda client: load(
        client, "d.t", write_disposition="WRITE_TRUNCATE_DATA"
    ),
    "load with a new column": lambda client: load(
        client,
        "d.t",
        b'{"id": 9, "more": 1}\n',
        schema=[
            bq.SchemaField("id", "INTEGER", mode="REQUIRED"),
            bq.SchemaField("day", "DATE"),
            bq.SchemaField("more", "INTEGER"),
        ],
        schema_update_options=["ALLOW_FIELD_ADDITION"],
    ),
    "load into a partition": lambda client: load(
        client, "d.t$20210101", write_disposition="WRITE_TRUNCATE"
    ),
    "append to a partition": lambda client: load(client, "d.t$20210101"),
    "load into a partition of arrival": lambda client: load(
        client, "d.i$20200101", b'{"id": 7}\n', write_disposition="WRITE_TRUNCATE"
    ),
    "streamed rows": lambda client: client.insert_rows_json("d.t", [{"id": 5}]),
    "streamed rows of arrival": lambda client: client.insert_rows_json("d.i", [{"id": 5}]),
    "query into it": lambda client: client.query_and_wait(
        "SELECT 4 AS id",
        job_config=bq.QueryJobConfig(
            destination="test-project.d.plain",
            write_disposition="WRITE_APPEND",
            schema_update_options=["ALLOW_FIELD_RELAXATION"],
        ),
    ),
    "copy into it": lambda client: copied(
        client, "d.plain", "d.plain", write_disposition="WRITE_APPEND"
    ),
    "copy of arrivals": lambda client: copied(
        client, "d.j", "d.i", write_disposition="WRITE_TRUNCATE"
    ),
    "copy of appended arrivals": lambda client: copied(
        client, "d.j", "d.i", write_disposition="WRITE_APPEND"
    ),
    "copy of a partition": lambda client: copied(
        client, "d.t$20210101", "d.t$20210101", write_disposition="WRITE_APPEND"
    ),
    "patched schema": patched,
    "expired partitions": expired,
    "deleted partition": lambda client: client.delete_table("d.t$20210102"),
    "deleted partition of arrival": lambda client: client.delete_table(f"d.i${TODAY}"),
    "deleted table": lambda client: client.delete_table("d.t"),
    "deleted dataset": lambda client: (
        client.delete_dataset("d", delete_contents=True),
        client.create_dataset("d"),
    ),
}


@pytest.mark.parametrize(
    "change",
    [
        *(pytest.param(lambda client, sql=sql: client.query_and_wait(sql), id=sql) for sql in STATEMENTS),
        *(pytest.param(call, id=name) for name, call in CALLS.items()),
    ],
)  # fmt: skip
def test_what_a_change_did_is_undone_twice(stub, tables, change):
    before = state(tables)
    kept = stub.snapshot()
    for _ in range(2):
        change(tables)
        assert state(tables) != before
        stub.restore(kept)
        assert state(tables) == before


def test_what_a_table_takes_and_fills_in_is_the_same_after_a_restore(stub, tables):
    kept = stub.snapshot()
    tables.query_and_wait("ALTER TABLE d.t ALTER COLUMN id DROP NOT NULL")
    tables.query_and_wait("ALTER TABLE d.t ALTER COLUMN s SET DEFAULT 'y'")
    tables.query_and_wait("ALTER TABLE d.t ALTER COLUMN n SET DATA TYPE NUMERIC(9, 4)")
    stub.restore(kept)
    with pytest.raises(BadRequest, match="Required field id"):
        tables.query_and_wait("INSERT INTO d.t (day) VALUES ('2021-01-01')")
    tables.query_and_wait("INSERT INTO d.t (id, n) VALUES (4, 1.2345)")
    (row,) = tables.query_and_wait("SELECT s, CAST(n AS STRING) AS n FROM d.t WHERE id = 4")
    assert tuple(row) == ("x", "1.23")
    with pytest.raises(BadRequest):
        tables.query_and_wait("UPDATE d.t SET id = NULL WHERE true")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE d.t SET n = 1 / (id - 1) WHERE true",
        "INSERT INTO d.t (id, day) SELECT id, ERROR('no') FROM d.t",
        "ALTER TABLE d.t ADD COLUMN more INT64, DROP COLUMN nothing",
        "MERGE d.t AS t USING d.t AS o ON true WHEN MATCHED THEN UPDATE SET s = o.s",
    ],
)
def test_a_change_that_fails_changes_neither_the_table_nor_the_snapshot(stub, tables, sql):
    before, table = state(tables), tables.get_table("d.t")
    kept = stub.snapshot()
    with pytest.raises(BadRequest):
        tables.query_and_wait(sql)
    assert state(tables) == before
    assert tables.get_table("d.t").etag == table.etag
    tables.query_and_wait("DELETE FROM d.t WHERE true")
    stub.restore(kept)
    assert state(tables) == before


def test_states_are_apart_from_each_other_and_outlive_a_reset(stub, tables):
    states = []
    for number in range(4):
        states.append((stub.snapshot(), state(tables)))
        tables.query_and_wait(f"INSERT INTO d.t (id) VALUES ({number})")
        tables.query_and_wait(f"UPDATE d.plain SET id = {number + 10} WHERE true")
    for number in (0, 3, 1, 2, 0):
        kept, seen = states[number]
        stub.restore(kept)
        assert state(tables) == seen
        tables.query_and_wait("TRUNCATE TABLE d.t")
    stub.reset()
    assert list(tables.list_datasets()) == []
    tables.create_dataset("d")
    tables.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a")
    for kept, seen in states:
        stub.restore(kept)
        assert state(tables) == seen


def test_an_etag_from_before_a_restore_does_not_fit(stub, tables):
    kept = stub.snapshot()
    etags = {tables.get_table("d.t").etag}
    for number in range(3):
        tables.query_and_wait(f"INSERT INTO d.t (id) VALUES ({number})")
        etags.add(tables.get_table("d.t").etag)
        stub.restore(kept)
        etags.add(tables.get_table("d.t").etag)
    assert len(etags) == 7


def test_rows_that_neither_a_table_nor_a_snapshot_names_are_gone(stub, tables):
    def count():
        return stub._server.catalog.database.scalar("SELECT count(*) FROM duckdb_tables()")

    plain = count()
    for _ in range(3):
        kept = stub.snapshot()
        for _ in range(2):
            tables.query_and_wait("UPDATE d.t SET s = 'y' WHERE true")
            tables.query_and_wait("DELETE FROM d.i WHERE true")
            stub.restore(kept)
    del kept
    tables.query_and_wait("UPDATE d.t SET s = 'y' WHERE true")
    # Answers of queries are kept too, but none of these statements has one.
    assert count() == plain


def test_a_query_in_flight_reads_what_it_began_with(stub, tables):
    kept = stub.snapshot()
    rows = tables.list_rows(tables.get_table("d.t"), page_size=1)
    first = next(iter(rows.pages))
    tables.query_and_wait("INSERT INTO d.t (id) VALUES (8)")
    stub.restore(kept)
    assert [row["id"] for row in first] == [1]
    assert len(list(tables.list_rows("d.t"))) == 3
