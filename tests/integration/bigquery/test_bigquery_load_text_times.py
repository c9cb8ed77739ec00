"""Times and names in rows of text that are written in one of several ways."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

FIRST = dt.datetime(2021, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
NESTED = bq.SchemaField("Inner", "RECORD", fields=[bq.SchemaField("X", "INTEGER")])
MANY = bq.SchemaField("many", "RECORD", mode="REPEATED", fields=[bq.SchemaField("y", "STRING")])


def load(client, content, kind, schema, **options):
    config = bq.LoadJobConfig(source_format=kind, schema=schema, **options)
    client.load_table_from_file(io.BytesIO(content.encode()), "d.t", job_config=config).result()
    return [tuple(row) for row in client.list_rows(client.get_table("d.t"))]


@pytest.mark.parametrize("kind", ["CSV", "NEWLINE_DELIMITED_JSON"])
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-01-02 03:04:05", FIRST),
        ("2021/01/02 03:04:05", FIRST),
        ("2021/1/2T03:04:05Z", FIRST),
        ("2021-01-02 03:04:05 UTC", FIRST),
        ("2021-01-02 05:04:05+02:00", FIRST),
        ("2021-01-01 22:04:05 America/New_York", FIRST),
        ("1609556645", FIRST),
        ("1609556645.25", FIRST + dt.timedelta(milliseconds=250)),
        ("-1", dt.datetime(1969, 12, 31, 23, 59, 59, tzinfo=dt.UTC)),
    ],
)
def test_a_timestamp(client, kind, text, moment):
    content = f"{text}\n" if kind == "CSV" else json.dumps({"at": text})
    assert load(client, content, kind, [bq.SchemaField("at", "TIMESTAMP")]) == [(moment,)]


def test_a_number_in_json_is_seconds(client):
    content = '{"at": 1609556645}\n{"at": 1609556645.5}'
    schema = [bq.SchemaField("at", "TIMESTAMP")]
    found = load(client, content, "NEWLINE_DELIMITED_JSON", schema)
    assert found == [(FIRST,), (FIRST + dt.timedelta(milliseconds=500),)]


@pytest.mark.parametrize("text", ["2021-01-02 03:04:05 No/Where", "2021-13-01", "x", "1e400"])
def test_what_is_no_timestamp(client, text):
    with pytest.raises(BadRequest, match="too many errors"):
        load(client, f"{text}\n", "CSV", [bq.SchemaField("at", "TIMESTAMP")])


def test_names_in_json_have_no_case(client):
    schema = [bq.SchemaField("a", "INTEGER"), NESTED, MANY]
    content = (
        '{"A": 1, "INNER": {"x": 2}, "Many": [{"Y": "p"}, {"y": "q"}]}\n'
        '{"a": 3, "Inner": {"X": 4}, "many": []}\n'
    )
    found = load(client, content, "NEWLINE_DELIMITED_JSON", schema)
    assert found == [
        (1, {"X": 2}, [{"y": "p"}, {"y": "q"}]),
        (3, {"X": 4}, []),
    ]


def test_only_an_inner_name_in_another_case(client):
    content = '{"a": 1, "Inner": {"x": 2}}'
    schema = [bq.SchemaField("a", "INTEGER"), NESTED]
    assert load(client, content, "NEWLINE_DELIMITED_JSON", schema) == [(1, {"X": 2})]


def test_a_required_name_in_another_case_is_there(client):
    schema = [bq.SchemaField("a", "INTEGER", mode="REQUIRED")]
    assert load(client, '{"A": 1}', "NEWLINE_DELIMITED_JSON", schema) == [(1,)]
