"""Views, materialized views, snapshots and functions made by statements, as resources tell them."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq


@pytest.fixture
def rows(client):
    client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y'")


@pytest.mark.usefixtures("rows")
def test_a_view_that_a_statement_has_made(client):
    job = client.query(
        "CREATE VIEW d.v (n OPTIONS(description='first'), m) OPTIONS(description='told') AS\n"
        "  SELECT a, b -- both\n  FROM d.t"
    )
    job.result()
    assert (job.statement_type, job.ddl_operation_performed) == ("CREATE_VIEW", "CREATE")
    assert job.ddl_target_table.table_id == "v"
    view = client.get_table("d.v")
    assert view.table_type == "VIEW"
    assert view.view_query == "SELECT a, b -- both\n  FROM d.t"
    assert [(one.name, one.description) for one in view.schema] == [("n", "first"), ("m", None)]
    assert view.description == "told"
    job = client.query("SELECT n FROM d.v")
    assert [row.n for row in job.result()] == [1, 2]
    assert [one.table_id for one in job.referenced_tables] == ["t"]
    client.query_and_wait("ALTER TABLE d.t ADD COLUMN c INT64")
    assert [row.n for row in client.query_and_wait("SELECT * FROM d.v")] == [1, 2]


@pytest.mark.usefixtures("rows")
def test_a_view_of_all_columns_shows_those_that_come_later(client):
    client.query_and_wait("CREATE VIEW d.v AS SELECT * FROM d.t")
    client.query_and_wait("ALTER TABLE d.t ADD COLUMN c INT64")
    assert list(next(iter(client.query_and_wait("SELECT * FROM d.v"))).keys()) == ["a", "b", "c"]


@pytest.mark.usefixtures("rows")
def test_materialized_views_by_statement_and_by_resource(client):
    client.query_and_wait(
        "CREATE MATERIALIZED VIEW d.one OPTIONS(enable_refresh=false, refresh_interval_minutes=60)"
        " AS SELECT b, COUNT(*) AS n FROM d.t GROUP BY b"
    )
    table = client.get_table("d.one")
    assert (table.table_type, table.mview_enable_refresh) == ("MATERIALIZED_VIEW", False)
    assert table.mview_refresh_interval.total_seconds() == 3600
    assert table.view_query is None
    made = bq.Table("test-project.d.two")
    made.mview_query = "SELECT MAX(a) AS m FROM d.t"
    assert client.create_table(made).table_type == "MATERIALIZED_VIEW"
    client.query_and_wait("INSERT INTO d.t (a) VALUES (7)")
    assert [row.m for row in client.query_and_wait("SELECT m FROM d.two")] == [7]
    made = client.get_table("d.two")
    made.description = "told"
    made = client.update_table(made, ["description"])
    assert (made.table_type, made.description) == ("MATERIALIZED_VIEW", "told")
    with pytest.raises(BadRequest, match="is currently a MATERIALIZED VIEW"):
        client.query_and_wait("DELETE FROM d.two WHERE TRUE")
    listed = {one.table_id: one.table_type for one in client.list_tables("d")}
    assert listed == {"t": "TABLE", "one": "MATERIALIZED_VIEW", "two": "MATERIALIZED_VIEW"}


@pytest.mark.usefixtures("rows")
def test_a_snapshot_keeps_its_rows_and_takes_none(client):
    client.query_and_wait("CREATE SNAPSHOT TABLE d.s CLONE d.t")
    client.query_and_wait("DELETE FROM d.t WHERE TRUE")
    snapshot = client.get_table("d.s")
    assert (snapshot.table_type, snapshot.num_rows) == ("SNAPSHOT", 2)
    assert snapshot.snapshot_definition.base_table_reference.table_id == "t"
    with pytest.raises(BadRequest, match="is currently a SNAPSHOT"):
        client.query_and_wait("TRUNCATE TABLE d.s")


def test_a_function_that_a_statement_has_made_is_a_routine(client):
    job = client.query(
        "CREATE FUNCTION d.f(x INT64, y ARRAY<STRUCT<a STRING>>) RETURNS STRING AS "
        "(CONCAT(CAST(x AS STRING), y[OFFSET(0)].a)) OPTIONS(description='told')"
    )
    job.result()
    assert job.ddl_target_routine.routine_id == "f"
    routine = client.get_routine("d.f")
    assert routine.body == "CONCAT(CAST(x AS STRING), y[OFFSET(0)].a)"
    assert routine.description == "told"
    assert [one.name for one in routine.arguments] == ["x", "y"]
    found = client.query_and_wait("SELECT d.f(1, [STRUCT('z' AS a)]) AS v")
    assert [row.v for row in found] == ["1z"]
    made = bq.Routine(
        "test-project.d.g",
        type_="SCALAR_FUNCTION",
        language="SQL",
        body="x * 3",
        arguments=[
            bq.RoutineArgument(
                name="x", data_type=bq.StandardSqlDataType(bq.StandardSqlTypeNames.INT64)
            )
        ],
    )
    client.create_routine(made)
    assert [row.v for row in client.query_and_wait("SELECT d.g(2) AS v")] == [6]


def test_defaults_hold_for_streams_and_loads_too(client):
    client.query_and_wait("CREATE TABLE d.e (a INT64, b STRING DEFAULT 'x')")
    assert client.get_table("d.e").schema[1].default_value_expression == "'x'"
    assert client.insert_rows_json("d.e", [{"a": 1}]) == []
    client.load_table_from_json(
        [{"a": 2}],
        "d.e",
        job_config=bq.LoadJobConfig(schema=[bq.SchemaField("a", "INTEGER")]),
    ).result()
    found = client.query_and_wait("SELECT a, b FROM d.e ORDER BY a")
    assert [tuple(row) for row in found] == [(1, "x"), (2, "x")]


@pytest.mark.usefixtures("rows")
def test_a_merge_tells_what_it_has_done(client):
    job = client.query(
        "MERGE d.t USING (SELECT 1 AS k UNION ALL SELECT 9) ON a = k "
        "WHEN MATCHED THEN UPDATE SET b = 'm' WHEN NOT MATCHED THEN INSERT (a) VALUES (k) "
        "WHEN NOT MATCHED BY SOURCE THEN DELETE"
    )
    job.result()
    assert job.num_dml_affected_rows == 3
    told = job.dml_stats
    assert (told.inserted_row_count, told.updated_row_count, told.deleted_row_count) == (1, 1, 1)
