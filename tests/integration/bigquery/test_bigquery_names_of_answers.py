"""Names of an answer's columns where two are alike: numbered, or refused in a named table."""

from __future__ import annotations

import google.cloud.bigquery as bq
import pytest
from google.api_core.exceptions import BadRequest

TWO = "SELECT 1 AS a, 2 AS A"


def answered(client, sql: str):
    rows = client.query_and_wait(sql)
    return [field.name for field in rows.schema], [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("sql", "names", "rows"),
    [
        (TWO, ["a", "A_1"], [(1, 2)]),
        ("SELECT 1 AS a, 2 AS a, 3 AS a", ["a", "a_1", "a_2"], [(1, 2, 3)]),
        ("SELECT 1 AS a, 2 AS a, 3 AS a_1", ["a", "a_2", "a_1"], [(1, 2, 3)]),
        ("SELECT * FROM (SELECT 1 AS a) AS x, (SELECT 2 AS a) AS y", ["a", "a_1"], [(1, 2)]),
        (f"{TWO} UNION ALL SELECT 3, 4 ORDER BY 2", ["a", "A_1"], [(1, 2), (3, 4)]),
    ],
)
def test_a_name_that_is_there_gets_a_number(client, sql, names, rows):
    assert answered(client, sql) == (names, rows)


def test_a_dry_run_tells_the_same_names(client):
    job = client.query(TWO, job_config=bq.QueryJobConfig(dry_run=True))
    assert [field.name for field in job.schema] == ["a", "A_1"]


@pytest.mark.parametrize("dry", [False, True])
def test_a_table_of_the_client_takes_no_such_names(client, dry):
    config = bq.QueryJobConfig(destination="test-project.d.t", dry_run=dry)
    told = (
        "Duplicate column names in the result are not supported when a destination table is "
        r"present. Found duplicate\(s\): A"
    )
    with pytest.raises(BadRequest, match=told):
        client.query(TWO, job_config=config).result()


def test_a_table_of_the_client_takes_no_reserved_name(client):
    config = bq.QueryJobConfig(destination="test-project.d.t")
    with pytest.raises(BadRequest, match='Invalid field name "_table_x"'):
        client.query("SELECT 1 AS _table_x", job_config=config).result()


@pytest.mark.parametrize("kind", ["TABLE", "VIEW"])
def test_what_is_made_of_a_query_has_distinct_names(client, kind):
    with pytest.raises(BadRequest, match=f"CREATE {kind} has columns with duplicate name A"):
        client.query_and_wait(f"CREATE {kind} d.t AS {TWO}")


def test_a_view_over_rest_has_distinct_names(client):
    view = bq.Table("test-project.d.v")
    view.view_query = TWO
    with pytest.raises(BadRequest, match="Duplicate field name: A"):
        client.create_table(view)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (f"SELECT * FROM ({TWO})", r"\* of a subquery with two columns A at \[1:8\]"),
        (f"{TWO} ORDER BY a", r"Column name a is ambiguous at \[1:32\]"),
        ("SELECT 2 AS a, COUNT(*) AS a FROM UNNEST([1]) GROUP BY a", "a is ambiguous"),
        ("SELECT ARRAY(SELECT AS STRUCT 1 AS a, 2 AS a)", "two fields of one name"),
    ],
)
def test_nothing_is_mixed_up_within_a_query(client, sql, told):
    with pytest.raises(BadRequest, match=told):
        client.query_and_wait(sql)
