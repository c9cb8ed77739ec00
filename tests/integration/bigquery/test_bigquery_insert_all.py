"""Rows that are streamed in: insert ids, rows that do not fit, and the shapes of their errors."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import bigquery as bq

SCHEMA = [
    bq.SchemaField("a", "INTEGER", mode="REQUIRED"),
    bq.SchemaField("b", "STRING"),
    bq.SchemaField("s", "RECORD", fields=[bq.SchemaField("x", "FLOAT")]),
    bq.SchemaField("l", "BOOLEAN", mode="REPEATED"),
]
STOPPED = {"reason": "stopped", "location": "", "debugInfo": "", "message": ""}


@pytest.fixture(autouse=True)
def _table(client):
    client.create_table(bq.Table("test-project.d.t", schema=SCHEMA))


def told(location, message):
    return {"reason": "invalid", "location": location, "debugInfo": "", "message": message}


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"a": 1, "c": 1}, told("c", "no such field: c.")),
        ({"a": 1, "s": {"y": 1}}, told("s.y", "no such field: s.y.")),
        ({"b": "x"}, told("a", "Missing required field: a.")),
        ({"a": None}, told("a", "Missing required field: a.")),
        ({"a": "one"}, told("a", "Cannot convert value to integer (bad value): one")),
        (
            {"a": 2**63},
            told("a", "Cannot convert value to integer (bad value): 9223372036854775808"),
        ),
        (
            {"a": 1, "s": {"x": "y"}},
            told("s.x", "Cannot convert value to floating point (bad value): y"),
        ),
        (
            {"a": 1, "l": [True, "perhaps"]},
            told("l", "Cannot convert value to boolean (bad value): perhaps"),
        ),
        ({"a": 1, "b": ["x"]}, told("b", "Array specified for non-repeated field.")),
        ({"a": 1, "s": 5}, told("s", "This field: s is not a record.")),
        ({"a": 1, "b": {"x": 1}}, told("b", "This field: b is not a record.")),
    ],
)
def test_a_row_that_does_not_fit_stops_the_others(client, row, error):
    errors = client.insert_rows_json("d.t", [{"a": 1}, row, {"a": 2}])
    assert errors == [
        {"index": 0, "errors": [STOPPED]},
        {"index": 1, "errors": [error]},
        {"index": 2, "errors": [STOPPED]},
    ]
    assert client.get_table("d.t").num_rows == 0


def test_bad_rows_may_be_skipped(client):
    rows = [{"a": 1}, {"a": "x"}, {"a": 3, "b": "y", "s": {"x": 1.5}, "l": [True, False]}]
    errors = client.insert_rows_json("d.t", rows, skip_invalid_rows=True)
    assert [one["index"] for one in errors] == [1]
    assert [tuple(row) for row in client.list_rows("d.t")] == [
        (1, None, None, []),
        (3, "y", {"x": 1.5}, [True, False]),
    ]


def test_unknown_values_may_be_ignored(client):
    rows = [{"a": 1, "c": 1, "s": {"x": 2, "y": 3}}]
    assert client.insert_rows_json("d.t", rows, ignore_unknown_values=True) == []
    assert [row.s for row in client.list_rows("d.t")] == [{"x": 2.0}]


def test_an_insert_id_is_written_once(client):
    rows = [{"a": 1}, {"a": 2}, {"a": 2}]
    assert client.insert_rows_json("d.t", rows, row_ids=["i", "j", "j"]) == []
    assert client.insert_rows_json("d.t", [{"a": 9}, {"a": 3}], row_ids=["i", "k"]) == []
    assert client.insert_rows_json("d.t", [{"a": 3}], row_ids=[None]) == []
    assert sorted(row.a for row in client.list_rows("d.t")) == [1, 2, 3, 3]


def test_the_id_of_a_row_that_was_refused_is_free(client):
    assert client.insert_rows_json("d.t", [{"a": "x"}], row_ids=["i"])
    assert client.insert_rows_json("d.t", [{"a": 1}], row_ids=["i"]) == []
    assert client.get_table("d.t").num_rows == 1


def test_a_table_that_is_made_again_knows_no_ids(client):
    client.insert_rows_json("d.t", [{"a": 1}], row_ids=["i"])
    client.delete_table("d.t")
    client.create_table(bq.Table("test-project.d.t", schema=SCHEMA))
    client.insert_rows_json("d.t", [{"a": 1}], row_ids=["i"])
    assert client.get_table("d.t").num_rows == 1


def test_what_is_refused(client):
    with pytest.raises(NotFound, match=r"Table test-project:d\.none"):
        client.insert_rows_json("d.none", [{"a": 1}])
    with pytest.raises(BadRequest, match="templateSuffix"):
        client.insert_rows_json("d.t", [{"a": 1}], template_suffix="_x")
    with pytest.raises(BadRequest, match="No rows present"):
        client.insert_rows_json("d.t", [])
    client.create_table(bq.Table("test-project.d.empty"))
    with pytest.raises(BadRequest, match="has no schema"):
        client.insert_rows_json("d.empty", [{"a": 1}])


def test_ids_go_with_their_tables(client, stub):
    streamed = stub._server._running.api.streamed
    client.insert_rows_json("d.t", [{"a": 1}], row_ids=["kept"])
    for number in range(40):
        name = f"test-project.d.gone_{number}"
        client.create_table(bq.Table(name, schema=SCHEMA))
        assert client.insert_rows_json(name, [{"a": 1}], row_ids=["i"]) == []
        client.delete_table(name)
    assert len(streamed.ids) <= 16
    client.insert_rows_json("d.t", [{"a": 1}], row_ids=["kept"])
    assert client.get_table("d.t").num_rows == 1
