"""Several statements in one request: the jobs that they become, and what they leave."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

SCRIPT = """
DECLARE days ARRAY<DATE>;
CREATE TEMP TABLE fresh AS SELECT DATE '2021-01-02' AS day, 20 AS v;
SET (days) = (SELECT AS STRUCT ARRAY_AGG(DISTINCT day IGNORE NULLS) FROM fresh);
MERGE d.t AS t USING fresh AS s ON FALSE
WHEN NOT MATCHED BY SOURCE AND day IN UNNEST(days) THEN DELETE
WHEN NOT MATCHED THEN INSERT (day, v) VALUES (day, v);
SELECT day, v FROM d.t WHERE day >= '2021-01-01' ORDER BY day
"""


@pytest.fixture
def table(client):
    client.query_and_wait(
        "CREATE TABLE d.t (day DATE, v INT64) PARTITION BY day "
        "OPTIONS(require_partition_filter=TRUE)"
    )
    client.query_and_wait("INSERT INTO d.t VALUES ('2021-01-01', 1), ('2021-01-02', 2)")


@pytest.mark.usefixtures("table")
def test_an_incremental_model_replaces_its_partitions(client):
    script = SCRIPT.replace("MERGE d.t AS t USING fresh AS s ON FALSE", "{merge}")
    merge = "MERGE d.t AS t USING fresh AS s ON FALSE"
    job = client.query(script.replace("{merge}", merge))
    with pytest.raises(BadRequest, match="without a filter over column"):
        job.result()
    client.query_and_wait("ALTER TABLE d.t SET OPTIONS(require_partition_filter=FALSE)")
    job = client.query(SCRIPT)
    assert [tuple(row.values())[1] for row in job.result()] == [1, 20]
    assert job.statement_type == "SCRIPT"
    assert job.num_child_jobs == 4
    children = list(client.list_jobs(parent_job=job))
    assert {one.parent_job_id for one in children} == {job.job_id}
    assert [one.statement_type for one in children][::-1] == [
        "CREATE_TABLE_AS_SELECT",
        "SELECT",
        "MERGE",
        "SELECT",
    ]
    kinds = [one.script_statistics.evaluation_kind for one in children][::-1]
    assert kinds == ["STATEMENT", "EXPRESSION", "STATEMENT", "STATEMENT"]
    frame = children[0].script_statistics.stack_frames[0]
    assert (frame.start_line, frame.start_column) == (8, 1)
    assert frame.text.startswith("SELECT day, v")
    assert children[1].num_dml_affected_rows == 2
    assert job.job_id in {one.job_id for one in client.list_jobs()}
    assert not {one.job_id for one in children} & {one.job_id for one in client.list_jobs()}
    assert [row.v for row in children[0].result()] == [1, 20]


@pytest.mark.usefixtures("table")
def test_a_variable_rules_partitions_out(client):
    job = client.query("DECLARE low DATE DEFAULT '2021-01-02'; SELECT v FROM d.t WHERE day >= low")
    assert [row.v for row in job.result()] == [2]
    assert job.total_bytes_processed == 16
    job = client.query(
        "DECLARE days ARRAY<DATE> DEFAULT ['2021-01-01']; SELECT v FROM d.t WHERE day IN UNNEST(days)"
    )
    assert [row.v for row in job.result()] == [1]
    with pytest.raises(BadRequest, match="without a filter"):
        client.query_and_wait("DECLARE v INT64 DEFAULT 1; SELECT day FROM d.t WHERE v = v")


@pytest.mark.usefixtures("table")
def test_what_was_done_before_a_failure_stays(client):
    script = "INSERT INTO d.t VALUES ('2021-02-01', 3);\nSELECT 1 / 0;\nDROP TABLE d.t"
    job = client.query(script)
    with pytest.raises(BadRequest, match=r"Query error: division by zero: 1 / 0 at \[2:1\]"):
        job.result()
    found = client.query_and_wait("SELECT COUNT(*) FROM d.t WHERE day > '2020-01-01'")
    assert next(iter(found))[0] == 3
    job = client.get_job(job.job_id)
    assert job.num_child_jobs == 2
    states = [one.error_result is None for one in client.list_jobs(parent_job=job)]
    assert states == [False, True]


def test_nothing_runs_where_a_later_statement_is_not_done(client):
    with pytest.raises(BadRequest, match=r"scripting \(LOOP\) at \[2:1\]"):
        client.query_and_wait("CREATE TABLE d.x (a INT64);\nLOOP BREAK; END LOOP")
    with pytest.raises(BadRequest, match="Syntax error"):
        client.query_and_wait("CREATE TABLE d.x (a INT64); SELEC 1")
    assert list(client.list_tables("d")) == []


def test_temporary_tables_end_with_the_script(client):
    client.query_and_wait("CREATE TEMP TABLE x AS SELECT 1 AS a; SELECT * FROM x")
    with pytest.raises(BadRequest, match="must be qualified"):
        client.query_and_wait("SELECT * FROM x")
    with pytest.raises(BadRequest, match=r"must be qualified|Not found"):
        client.query_and_wait("CREATE TEMP TABLE x AS SELECT 1 AS a; DROP TABLE x; SELECT * FROM x")
    assert list(client.list_tables("d")) == []


def test_parameters_count_through_the_whole_script(client):
    config = bq.QueryJobConfig(
        query_parameters=[bq.ScalarQueryParameter(None, "INT64", one) for one in (1, 20, 300, 4000)]
    )
    script = "CREATE TEMP TABLE x AS SELECT ? AS a; WITH w AS (SELECT ? AS b) SELECT a, b, ? AS c, (SELECT ?) AS e FROM x, w"
    found = client.query_and_wait(script, job_config=config)
    assert [tuple(row) for row in found] == [(1, 20, 300, 4000)]


def test_a_statement_takes_its_parameters_in_the_order_of_its_text(client):
    client.query_and_wait("CREATE TABLE d.p AS SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y'")
    values = [
        bq.ScalarQueryParameter(None, "STRING", "new"),
        bq.ScalarQueryParameter(None, "INT64", 2),
    ]
    config = bq.QueryJobConfig(query_parameters=values)
    client.query_and_wait("UPDATE d.p SET b = ? WHERE a = ?", job_config=config)
    found = client.query_and_wait("SELECT a, b FROM d.p ORDER BY a")
    assert [tuple(row) for row in found] == [(1, "x"), (2, "new")]


def test_a_script_has_no_destination(client):
    config = bq.QueryJobConfig(destination="test-project.d.out")
    with pytest.raises(BadRequest, match="cannot be set for scripts"):
        client.query("SELECT 1; SELECT 2 AS a", job_config=config).result()


def test_functions_before_one_query_are_no_script(client):
    job = client.query("CREATE TEMP FUNCTION f(x INT64) AS (x + 1); SELECT f(1) AS a")
    assert [row.a for row in job.result()] == [2]
    assert job.statement_type == "SELECT"
    assert job.num_child_jobs == 0


@pytest.mark.usefixtures("table")
def test_a_script_is_billed_for_its_statements_without_a_look_at_other_jobs(
    client, stub, monkeypatch
):
    client.query_and_wait("CREATE TABLE d.n AS SELECT 1 AS a")
    jobs = stub._server._running.api.jobs
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "all", None)
        job = client.query("SELECT a FROM d.n; SELECT 1; SELECT a + 1 FROM d.n")
        job.result()
    billed = [one.total_bytes_billed for one in client.list_jobs(parent_job=job)]
    assert billed[::-1] == [10 << 20, 0, 10 << 20]
    assert job.total_bytes_billed == 20 << 20


def test_a_dry_script_that_fails_leaves_no_job(client):
    before = len(list(client.list_jobs(all_users=True)))
    with pytest.raises(BadRequest, match="nothing"):
        client.query("SELECT 1; SELECT nothing; SELECT 2", bq.QueryJobConfig(dry_run=True))
    assert len(list(client.list_jobs(all_users=True))) == before
