"""Queries, DML and DDL over the wire."""

from __future__ import annotations

import datetime as dt

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import bigquery as bq

MAKE = """
CREATE TABLE d.t AS
SELECT 1 AS id, 'a' AS name, TIMESTAMP '2021-01-01 10:00:00' AS at
UNION ALL SELECT 2, NULL, TIMESTAMP '2021-01-02 10:00:00'
"""


def run(client, statement, **config):
    job = client.query(statement, job_config=bq.QueryJobConfig(**config))
    rows = [tuple(row) for row in job.result()]
    return job, rows


@pytest.fixture
def table(client):
    client.query_and_wait(MAKE)
    return "d.t"


def test_both_ways_to_ask_give_the_same(client, table):
    statement = "SELECT *, id / 2 AS half FROM d.t ORDER BY id DESC"
    expected = [
        (2, None, dt.datetime(2021, 1, 2, 10, tzinfo=dt.UTC), 1.0),
        (1, "a", dt.datetime(2021, 1, 1, 10, tzinfo=dt.UTC), 0.5),
    ]
    assert run(client, statement)[1] == expected
    assert [tuple(row) for row in client.query_and_wait(statement)] == expected


@pytest.mark.parametrize(
    "name", ["d.t", "`d.t`", "`test-project.d.t`", "`test-project`.d.t", "test-project.d.t"]
)
def test_all_spellings_of_a_name(client, table, name):
    assert run(client, f"SELECT COUNT(*) FROM {name}")[1] == [(2,)]


def test_the_default_dataset(client, table):
    default = bq.DatasetReference("test-project", "d")
    assert run(client, "SELECT COUNT(*) FROM t", default_dataset=default)[1] == [(2,)]
    with pytest.raises(BadRequest, match='Table "t" must be qualified with a dataset'):
        run(client, "SELECT COUNT(*) FROM t")


def test_columns_without_a_name(client):
    job, rows = run(client, "SELECT 1, 2 AS a, 'x'")
    assert rows == [(1, 2, "x")]
    schema = list(job.result().schema)
    assert [field.name for field in schema] == ["f0_", "a", "f1_"]
    assert [field.field_type for field in schema] == ["INTEGER", "INTEGER", "STRING"]


def test_large_answers_come_in_pages(client):
    statement = "SELECT x FROM UNNEST(GENERATE_ARRAY(1, 120000)) AS x ORDER BY x"
    found = [row.x for row in client.query(statement).result(page_size=50_000)]
    assert found == list(range(1, 120_001))


def test_parameters(client, table):
    named = [bq.ScalarQueryParameter("n", "STRING", "a"), bq.ArrayQueryParameter("i", "INT64", [1])]
    statement = "SELECT id FROM d.t WHERE name = @n AND id IN UNNEST(@i)"
    assert run(client, statement, query_parameters=named)[1] == [(1,)]
    given = [bq.ScalarQueryParameter(None, "INT64", 2), bq.ScalarQueryParameter(None, "INT64", 1)]
    statement = "SELECT id - ? FROM d.t WHERE id = 2 AND ? = 1"
    assert run(client, statement, query_parameters=given)[1] == [(0,)]
    hostile = [bq.ScalarQueryParameter("n", "STRING", "' OR 1=1 --")]
    assert run(client, "SELECT id FROM d.t WHERE name = @n", query_parameters=hostile)[1] == []


def test_a_dry_run_changes_nothing(client, table):
    job = client.query("SELECT id FROM d.t", job_config=bq.QueryJobConfig(dry_run=True))
    assert job.total_bytes_processed == 16
    assert [field.name for field in job.schema] == ["id"]
    client.query("DELETE FROM d.t WHERE TRUE", job_config=bq.QueryJobConfig(dry_run=True))
    assert client.get_table("d.t").num_rows == 2
    with pytest.raises(NotFound):
        client.query("SELECT 1 FROM d.none", job_config=bq.QueryJobConfig(dry_run=True))


def test_a_query_into_a_table(client, table):
    config = {"destination": "test-project.d.copy", "write_disposition": "WRITE_TRUNCATE"}
    run(client, "SELECT id FROM d.t", **config)
    run(client, "SELECT id FROM d.t", **config)
    assert client.get_table("d.copy").num_rows == 2
    with pytest.raises(Conflict, match=r"Already Exists: Table test-project:d\.copy"):
        run(client, "SELECT id FROM d.t", destination="test-project.d.copy")


def test_dml_tells_how_many_rows_it_changed(client, table):
    assert run(client, "INSERT INTO d.t (id) VALUES (3), (4)")[0].num_dml_affected_rows == 2
    assert run(client, "UPDATE d.t SET name = 'z' WHERE id > 2")[0].num_dml_affected_rows == 2
    assert run(client, "DELETE FROM d.t WHERE id = 4")[0].num_dml_affected_rows == 1
    assert run(client, "SELECT id, name FROM d.t ORDER BY id")[1] == [
        (1, "a"),
        (2, None),
        (3, "z"),
    ]


def test_merge_as_mage_writes_it(client, table):
    client.query_and_wait("CREATE TABLE d.u AS SELECT 2 AS id, 'n' AS name UNION ALL SELECT 3, 'm'")
    job, _ = run(
        client,
        "MERGE INTO `d.t` AS a\nUSING (SELECT * FROM `d.u`) AS b\n"
        "ON ((a.id IS NULL AND b.id IS NULL) OR a.id = b.id)\n"
        "WHEN MATCHED THEN UPDATE SET a.`id` = b.`id`, a.`name` = b.`name`\n"
        "WHEN NOT MATCHED THEN INSERT (`id`, `name`) VALUES (b.`id`, b.`name`)",
    )
    assert job.num_dml_affected_rows == 2
    found = run(client, "SELECT id, name FROM d.t ORDER BY id")[1]
    assert found == [(1, "a"), (2, "n"), (3, "m")]


def test_merge_refuses_two_sources_for_one_row(client, table):
    with pytest.raises(BadRequest, match="must match at most one source row"):
        run(
            client,
            "MERGE d.t AS a USING (SELECT 1 AS id UNION ALL SELECT 1) AS b ON a.id = b.id "
            "WHEN MATCHED THEN DELETE",
        )


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("INSERT INTO d.t (id) VALUES ('x')", "STRING which cannot be inserted into column id"),
        ("INSERT INTO d.t (id) SELECT name FROM d.t", "has type STRING"),
        ("INSERT INTO d.t SELECT 1", "wrong column count; Has 1, expected 3"),
        ("INSERT INTO d.t (nope) VALUES (1)", "Column nope is not present"),
        ("UPDATE d.t SET id = name WHERE TRUE", "cannot be assigned to column id"),
        ("UPDATE d.t SET id = 1", "UPDATE must have a WHERE clause"),
        ("DELETE FROM d.t", "DELETE must have a WHERE clause"),
        ("CREATE TABLE d.c AS SELECT 1", "column 1 has no name"),
        ("SELECT * FROM `d.none*`", "does not match any table"),
    ],
)
def test_what_is_refused(client, table, statement, message):
    before = [tuple(row) for row in client.list_rows("d.t")]
    with pytest.raises(BadRequest, match=message):
        run(client, statement)
    assert [tuple(row) for row in client.list_rows("d.t")] == before


def test_literals_become_dates_in_values(client):
    client.query_and_wait("CREATE TABLE d.x (day DATE NOT NULL, n NUMERIC, f FLOAT64)")
    client.query_and_wait("INSERT INTO d.x VALUES ('2021-01-02', 1.5, 2), ('2021-01-03', 2, NULL)")
    rows = run(client, "SELECT day, CAST(n AS STRING), f FROM d.x ORDER BY day")[1]
    assert rows == [(dt.date(2021, 1, 2), "1.5", 2.0), (dt.date(2021, 1, 3), "2", None)]
    with pytest.raises(BadRequest, match="Required field day cannot be null"):
        run(client, "INSERT INTO d.x (n) VALUES (1)")


def test_ddl(client, table):
    run(client, "ALTER TABLE `test-project.d.t` ADD COLUMN extra FLOAT64, ADD COLUMN more STRING")
    names = [field.name for field in client.get_table("d.t").schema]
    assert names == ["id", "name", "at", "extra", "more"]
    run(client, "TRUNCATE TABLE d.t")
    assert client.get_table("d.t").num_rows == 0
    run(client, "DROP TABLE d.t")
    with pytest.raises(NotFound):
        run(client, "DROP TABLE d.t")
    run(client, "DROP TABLE IF EXISTS d.t")
    run(client, "CREATE SCHEMA IF NOT EXISTS e OPTIONS(location='EU')")
    assert client.get_dataset("e").location == "EU"
    run(client, "CREATE TABLE e.t (a INT64 OPTIONS(description='x'), b ARRAY<STRUCT<c STRING>>)")
    run(client, "CREATE TABLE IF NOT EXISTS e.t (z INT64)")
    with pytest.raises(Conflict):
        run(client, "CREATE TABLE e.t (z INT64)")
    first, second = client.get_table("e.t").schema
    assert (first.description, second.mode, second.fields[0].name) == ("x", "REPEATED", "c")
    run(client, "DROP SCHEMA e CASCADE")


def test_the_catalog_views(client, table):
    columns = run(
        client,
        "SELECT column_name, data_type FROM d.INFORMATION_SCHEMA.COLUMNS "
        "WHERE TABLE_NAME = 't' ORDER BY ordinal_position",
    )[1]
    assert columns == [("id", "INT64"), ("name", "STRING"), ("at", "TIMESTAMP")]
    assert run(client, "SELECT table_name FROM `d.INFORMATION_SCHEMA.TABLES`")[1] == [("t",)]
    assert run(client, "SELECT schema_name FROM INFORMATION_SCHEMA.SCHEMATA")[1] == [("d",)]
    there = "SELECT 1 FROM `test-project.d.__TABLES_SUMMARY__` WHERE table_id = '{}'"
    assert run(client, there.format("t"))[1] == [(1,)]
    assert run(client, there.format("u"))[1] == []
    assert run(client, "SELECT table_id, row_count FROM d.__TABLES__")[1] == [("t", 2)]


def test_a_syntax_error_is_refused_at_once(client):
    with pytest.raises(BadRequest, match="Syntax error") as caught:
        client.query("SELEC 1")
    assert caught.value.errors[0]["reason"] == "invalidQuery"


def test_a_semantic_error_is_told_by_the_job_only(client, table):
    job = client.query("SELECT nothing FROM d.t")
    assert job.state == "DONE"
    assert job.error_result["reason"] == "invalidQuery"
    with pytest.raises(BadRequest, match=r"Unrecognized name: nothing at \[1:8\]"):
        job.result()


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT * FROM d.none", r"Table test-project:d\.none was not found in location US"),
        ("SELECT * FROM none.t", "Dataset test-project:none was not found in location US"),
        ("DROP TABLE d.none", r"Table test-project:d\.none"),
    ],
)
def test_what_is_not_there(client, statement, message):
    with pytest.raises(NotFound, match=message):
        client.query(statement).result()
    with pytest.raises(NotFound, match=message):
        client.query_and_wait(statement)


def test_a_dataset_of_another_location_is_not_found(client):
    dataset = bq.Dataset("test-project.europe")
    dataset.location = "EU"
    client.create_dataset(dataset)
    client.query_and_wait("CREATE TABLE europe.t AS SELECT 1 AS a")
    job = client.query("SELECT * FROM europe.t")
    assert job.location == "EU"
    assert client.query("SELECT * FROM europe.t", location="eu").result().total_rows == 1
    with pytest.raises(NotFound, match="not found in location US"):
        client.query("SELECT * FROM europe.t", location="US").result()


def test_jobs(client, table):
    job = client.query("SELECT 1 AS a", job_id="once", job_retry=None)
    job.result()
    with pytest.raises(Conflict, match=r"Already Exists: Job test-project:US\.once"):
        client.query("SELECT 1 AS a", job_id="once", job_retry=None)
    assert client.get_job("once").query == "SELECT 1 AS a"
    assert client.cancel_job("once").state == "DONE"
    assert client.get_job("once").statement_type == "SELECT"
    listed = [one.job_id for one in client.list_jobs(max_results=2)]
    assert listed[0] == "once"
    assert len(listed) == 2
    with pytest.raises(NotFound, match="Not found: Job test-project:none"):
        client.get_job("none")
