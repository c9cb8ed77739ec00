"""Schemas that change with a load: what is added, what is relaxed, and nothing else."""

from __future__ import annotations

import io
import json

import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import bigquery as bq

ADD = ["ALLOW_FIELD_ADDITION"]
RELAX = ["ALLOW_FIELD_RELAXATION"]
INNER = [bq.SchemaField("x", "INTEGER")]
MORE = [bq.SchemaField("l", "STRING", mode="REPEATED"), *INNER, bq.SchemaField("y", "STRING")]


def load(client, rows, schema, **options):
    content = "\n".join(map(json.dumps, rows)).encode()
    options.setdefault("source_format", "NEWLINE_DELIMITED_JSON")
    config = bq.LoadJobConfig(schema=schema, **options)
    return client.load_table_from_file(io.BytesIO(content), "d.t", job_config=config).result()


def rows_of(client):
    return [dict(row) for row in client.list_rows(client.get_table("d.t"))]


@pytest.mark.parametrize("mode", ["NULLABLE", "REPEATED"])
def test_a_field_within_a_record_is_added(client, mode):
    def record(fields):
        return [bq.SchemaField("r", "RECORD", mode=mode, fields=fields)]

    def value(one):
        return [one] if mode == "REPEATED" else one

    load(client, [{"r": value({"x": 1})}], record(INNER))
    new = [{"r": value({"x": 2, "y": "b", "l": ["p"]})}]
    with pytest.raises(BadRequest, match=r"Cannot add fields \(field: r\.l\)"):
        load(client, new, record(MORE))
    load(client, new, record(MORE), schema_update_options=ADD)
    load(client, [{"r": value({"x": 3})}], record(INNER))
    assert rows_of(client) == [
        {"r": value({"x": 1, "l": [], "y": None})},
        {"r": value({"x": 2, "l": ["p"], "y": "b"})},
        {"r": value({"x": 3, "l": [], "y": None})},
    ]


def test_a_required_column_is_relaxed_only_where_that_is_allowed(client):
    required = [bq.SchemaField("a", "INTEGER", mode="REQUIRED")]
    nullable = [bq.SchemaField("a", "INTEGER")]
    load(client, [{"a": 1}], required)
    with pytest.raises(BadRequest, match="a has changed mode from REQUIRED to NULLABLE"):
        load(client, [{"a": 2}], nullable)
    assert rows_of(client) == [{"a": 1}]
    load(client, [{"a": None}], nullable, schema_update_options=RELAX)
    assert client.get_table("d.t").schema[0].mode == "NULLABLE"
    assert rows_of(client) == [{"a": 1}, {"a": None}]


def test_a_load_without_a_schema_takes_the_tables(client):
    load(client, [{"a": 1}], [bq.SchemaField("a", "INTEGER", mode="REQUIRED")])
    load(client, [{"a": 2}], None)
    assert client.get_table("d.t").schema[0].mode == "REQUIRED"


def test_a_failed_load_changes_neither_rows_nor_schema(client):
    load(client, [{"a": 1}], [bq.SchemaField("a", "INTEGER")])
    before = client.get_table("d.t")
    both = [bq.SchemaField("a", "INTEGER"), bq.SchemaField("b", "INTEGER")]
    for options in (
        {"schema_update_options": ADD},
        {"write_disposition": "WRITE_TRUNCATE"},
    ):
        with pytest.raises(BadRequest):
            load(client, [{"a": 2, "b": 3}, {"a": 4, "b": "x"}], both, **options)
    after = client.get_table("d.t")
    assert (after.etag, after.num_rows, after.schema) == (before.etag, 1, before.schema)
