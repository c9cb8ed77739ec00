"""Views as resources, and what reads them."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import bigquery as bq


@pytest.fixture
def rows(client):
    client.query_and_wait("CREATE TABLE d.t AS SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y'")


def make(client, query, name="v"):
    view = bq.Table(f"test-project.d.{name}")
    view.view_query = query
    return client.create_table(view)


@pytest.mark.usefixtures("rows")
def test_a_view_is_read_like_a_table(client):
    view = make(client, "SELECT a * 10 AS big, b FROM `test-project.d.t`")
    assert (view.table_type, view.view_query) == (
        "VIEW",
        "SELECT a * 10 AS big, b FROM `test-project.d.t`",
    )
    assert [(field.name, field.field_type) for field in view.schema] == [
        ("big", "INTEGER"),
        ("b", "STRING"),
    ]
    found = client.query_and_wait("SELECT v.b, v.big FROM d.v AS v WHERE v.big > 10")
    assert [tuple(row) for row in found] == [("y", 20)]
    client.query_and_wait("INSERT INTO d.t (a, b) VALUES (3, 'z')")
    assert next(iter(client.query_and_wait("SELECT SUM(big) FROM d.v")))[0] == 60
    assert [one.table_type for one in client.list_tables("d")] == ["TABLE", "VIEW"]


@pytest.mark.usefixtures("rows")
def test_views_over_views_and_their_bytes(client):
    make(client, "SELECT a FROM d.t", "one")
    make(client, "SELECT a + 1 AS a FROM d.one", "two")
    job = client.query("SELECT * FROM d.two ORDER BY a")
    assert [row.a for row in job.result()] == [2, 3]
    assert job.total_bytes_processed == 16


@pytest.mark.usefixtures("rows")
def test_a_views_query_may_be_changed(client):
    view = make(client, "SELECT a FROM d.t")
    view.view_query = "SELECT b FROM d.t WHERE a = 2"
    assert [field.name for field in client.update_table(view, ["view_query"]).schema] == ["b"]
    assert [tuple(row) for row in client.query_and_wait("SELECT * FROM d.v")] == [("y",)]
    view = client.get_table("d.v")
    view.view_query = "SELECT nothing FROM d.t"
    with pytest.raises(BadRequest, match="nothing"):
        client.update_table(view, ["view_query"])
    assert [tuple(row) for row in client.query_and_wait("SELECT * FROM d.v")] == [("y",)]


@pytest.mark.parametrize(
    ("query", "error", "text"),
    [
        ("SELECT 1 FROM d.none", NotFound, "Not found: Table test-project:d.none"),
        ("SELEC 1", BadRequest, "Syntax error"),
        ("CREATE TABLE d.x (a INT64)", BadRequest, "must be a SELECT statement"),
    ],
)
def test_a_view_that_cannot_be_answered_is_not_made(client, query, error, text):
    with pytest.raises(error, match=text):
        make(client, query)
    assert list(client.list_tables("d")) == []


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    "do",
    [
        lambda client: client.query_and_wait("INSERT INTO d.v (a) VALUES (1)"),
        lambda client: client.query_and_wait("DELETE FROM d.v WHERE TRUE"),
        lambda client: client.query_and_wait("TRUNCATE TABLE d.v"),
        lambda client: client.query_and_wait("DROP TABLE d.v"),
        lambda client: client.load_table_from_json([{"a": 1}], "d.v").result(),
    ],
)
def test_a_view_takes_no_rows(client, do):
    make(client, "SELECT a FROM d.t")
    with pytest.raises(BadRequest, match=r"test-project:d\.v is not allowed for this operation"):
        do(client)
    assert len(list(client.query_and_wait("SELECT * FROM d.v"))) == 2


@pytest.mark.usefixtures("rows")
def test_the_rows_of_a_view_are_not_listed_or_streamed_to(client):
    make(client, "SELECT a FROM d.t")
    with pytest.raises(BadRequest, match="Cannot list a table of type VIEW"):
        list(client.list_rows("d.v", selected_fields=[bq.SchemaField("a", "INTEGER")]))
    with pytest.raises(BadRequest, match="Cannot add rows to a table of type VIEW"):
        client.insert_rows_json("d.v", [{"a": 1}])


@pytest.mark.usefixtures("rows")
def test_a_view_on_itself_ends(client):
    make(client, "SELECT a FROM d.t", "one")
    view = make(client, "SELECT a FROM d.one", "two")
    first = client.get_table("d.one")
    first.view_query = "SELECT a FROM d.two"
    client.update_table(first, ["view_query"])
    with pytest.raises(BadRequest, match="nested too deeply"):
        client.query_and_wait(f"SELECT * FROM d.{view.table_id}")


@pytest.mark.usefixtures("rows")
def test_a_deleted_view_leaves_its_table(client):
    make(client, "SELECT a FROM d.t")
    client.delete_table("d.v")
    assert client.get_table("d.t").num_rows == 2


def test_other_kinds_are_refused_by_name(client):
    legacy = bq.Table("test-project.d.l")
    legacy.view_query = "SELECT 1 AS a"
    legacy.view_use_legacy_sql = True
    with pytest.raises(BadRequest, match="a view in legacy SQL"):
        client.create_table(legacy)
