"""Datasets and tables over the wire."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound, PreconditionFailed
from google.cloud import bigquery as bq

SCHEMA = [bq.SchemaField("a", "INTEGER", mode="REQUIRED"), bq.SchemaField("b", "STRING")]


def make(client, name="t", **kept):
    table = bq.Table(f"test-project.d.{name}", schema=SCHEMA)
    for key, value in kept.items():
        setattr(table, key, value)
    return client.create_table(table)


def test_a_dataset_is_kept_as_given(client):
    dataset = bq.Dataset("test-project.europe")
    dataset.location, dataset.description, dataset.labels = "EU", "text", {"k": "v"}
    client.create_dataset(dataset)
    found = client.get_dataset("europe")
    assert (found.location, found.description, found.labels) == ("EU", "text", {"k": "v"})
    assert [one.dataset_id for one in client.list_datasets()] == ["d", "europe"]
    found.description = None
    found.labels = {"k": "w"}
    changed = client.update_dataset(found, ["description", "labels"])
    assert (changed.description, changed.labels) == (None, {"k": "w"})


def test_a_dataset_is_made_once(client):
    with pytest.raises(Conflict, match="Already Exists: Dataset test-project:d"):
        client.create_dataset("d")
    assert client.create_dataset("d", exists_ok=True).dataset_id == "d"


def test_a_dataset_with_tables_is_deleted_only_with_them(client):
    make(client)
    with pytest.raises(BadRequest, match="test-project:d is still in use"):
        client.delete_dataset("d")
    client.delete_dataset("d", delete_contents=True)
    with pytest.raises(NotFound, match="Not found: Dataset test-project:d"):
        client.get_dataset("d")
    client.delete_dataset("d", not_found_ok=True)


def test_lists_come_in_pages(client):
    for number in range(5):
        make(client, f"t{number}")
    pages = list(client.list_tables("d", page_size=2).pages)
    assert [page.num_items for page in pages] == [2, 2, 1]
    assert len(list(client.list_tables("d"))) == 5


def test_a_table_is_kept_as_given(client):
    make(client, description="text", labels={"k": "v"}, friendly_name="T", clustering_fields=["b"])
    table = client.get_table("d.t")
    assert (table.description, table.labels, table.friendly_name) == ("text", {"k": "v"}, "T")
    assert table.clustering_fields == ["b"]
    assert table.schema == SCHEMA
    assert (table.num_rows, table.num_bytes, table.location) == (0, 0, "US")


def test_a_table_is_made_once_and_names_differ_by_case(client):
    make(client)
    with pytest.raises(Conflict, match=r"Already Exists: Table test-project:d\.t"):
        make(client)
    make(client, "T")
    assert [one.table_id for one in client.list_tables("d")] == ["T", "t"]


def test_a_column_may_be_added_and_relaxed_but_not_changed(client):
    table = make(client)
    client.query_and_wait("INSERT INTO d.t (a) VALUES (1)")
    table = client.get_table("d.t")
    relaxed = bq.SchemaField("a", "INTEGER")
    table.schema = [relaxed, SCHEMA[1], bq.SchemaField("c", "FLOAT")]
    assert client.update_table(table, ["schema"]).schema == table.schema
    client.query_and_wait("INSERT INTO d.t (c) VALUES (1.5)")
    assert [tuple(row) for row in client.list_rows("d.t")] == [(1, None, None), (None, None, 1.5)]
    table = client.get_table("d.t")
    table.schema = [bq.SchemaField("a", "STRING"), *table.schema[1:]]
    with pytest.raises(BadRequest, match="Field a has changed type from INTEGER to STRING"):
        client.update_table(table, ["schema"])
    table.schema = [relaxed]
    with pytest.raises(BadRequest, match="Field b is missing in new schema"):
        client.update_table(table, ["schema"])


def test_a_change_on_an_older_state_is_refused(client):
    old = make(client)
    new = client.get_table("d.t")
    new.description = "first"
    client.update_table(new, ["description"])
    old.description = "second"
    with pytest.raises(PreconditionFailed):
        client.update_table(old, ["description"])
    assert client.get_table("d.t").description == "first"


def test_rows_in_pages_and_by_column(client):
    make(client)
    client.query_and_wait("INSERT INTO d.t (a, b) VALUES (1, 'x'), (2, 'y'), (3, 'z')")
    iterator = client.list_rows("d.t", page_size=2)
    assert [page.num_items for page in iterator.pages] == [2, 1]
    assert iterator.total_rows == 3
    assert [tuple(row) for row in client.list_rows("d.t", selected_fields=SCHEMA[1:])] == [
        ("x",),
        ("y",),
        ("z",),
    ]
    assert [row.a for row in client.list_rows("d.t", start_index=1, max_results=1)] == [2]


def test_streamed_rows(client):
    make(client)
    assert client.insert_rows_json("d.t", [{"a": 1, "b": "x"}, {"a": 2}]) == []
    assert client.get_table("d.t").num_rows == 2
    errors = client.insert_rows_json("d.t", [{"a": 3, "c": 1}])
    assert "no such field: c." in errors[0]["errors"][0]["message"]
    assert client.get_table("d.t").num_rows == 2


def test_a_deleted_table_is_gone(client):
    make(client)
    client.delete_table("d.t")
    with pytest.raises(NotFound, match=r"Not found: Table test-project:d\.t"):
        client.get_table("d.t")
    with pytest.raises(NotFound):
        client.delete_table("d.t")
    client.delete_table("d.t", not_found_ok=True)
