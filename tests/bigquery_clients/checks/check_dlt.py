"""dlt's destination bigquery, led here by the google client's variables."""

from __future__ import annotations

import datetime as dt

import dlt
import pytest
from dlt.destinations.adapters import bigquery_adapter

ITEMS = [
    {
        "id": 1,
        "name": "ann",
        "at": dt.datetime(2021, 1, 31, tzinfo=dt.UTC),
        "tags": ["x", "y"],
        "inner": {"z": 1},
    },
    {
        "id": 2,
        "name": "bob",
        "at": dt.datetime(2021, 2, 1, tzinfo=dt.UTC),
        "tags": [],
        "inner": {"z": 2},
    },
]


@pytest.fixture
def pipeline(client, tmp_path, monkeypatch, request):
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("DESTINATION__BIGQUERY__CREDENTIALS__PROJECT_ID", client.project)
    name = request.node.name.partition("[")[0][-30:]
    return dlt.pipeline(
        name, destination="bigquery", dataset_name=name, pipelines_dir=str(tmp_path)
    )


@pytest.mark.parametrize("format_", ["jsonl", "parquet"])
def test_append(pipeline, client, format_) -> None:
    pipeline.run(ITEMS, table_name=format_, loader_file_format=format_).raise_on_failed_jobs()
    more = [{**ITEMS[0], "id": 3, "new": 1.5}]
    pipeline.run(more, table_name=format_, loader_file_format=format_).raise_on_failed_jobs()
    table = client.get_table(f"{pipeline.dataset_name}.{format_}")
    kinds = {field.name: field.field_type for field in table.schema}
    assert table.num_rows == 3
    assert (kinds["at"], kinds["inner__z"], kinds["new"]) == ("TIMESTAMP", "INTEGER", "FLOAT")
    assert client.get_table(f"{pipeline.dataset_name}.{format_}__tags").num_rows == 4


def test_partition_and_cluster(pipeline, client) -> None:
    resource = dlt.resource(ITEMS, name="parts", write_disposition="append")
    bigquery_adapter(resource, partition="at", cluster=["name"], table_description="by day")
    pipeline.run(resource).raise_on_failed_jobs()
    table = client.get_table(f"{pipeline.dataset_name}.parts")
    assert table.time_partitioning.field == "at"
    assert table.clustering_fields == ["name"]
    assert table.description == "by day"
    assert client.list_partitions(table) == ["20210131", "20210201"]


def test_replace(pipeline, client) -> None:
    pipeline.run(ITEMS, table_name="items", write_disposition="replace").raise_on_failed_jobs()
    pipeline.run(ITEMS[:1], table_name="items", write_disposition="replace").raise_on_failed_jobs()
    assert client.get_table(f"{pipeline.dataset_name}.items").num_rows == 1
    assert client.get_table(f"{pipeline.dataset_name}.items__tags").num_rows == 2


@pytest.mark.parametrize("strategy", ["delete-insert", "upsert"])
def test_merge(pipeline, rows, strategy) -> None:
    how = {"disposition": "merge", "strategy": strategy}
    table = strategy.replace("-", "_")
    for items in (ITEMS, [{**ITEMS[0], "name": "anna"}, {**ITEMS[1], "id": 3}]):
        load = pipeline.run(items, table_name=table, write_disposition=how, primary_key="id")
        load.raise_on_failed_jobs()
    found = rows(f"SELECT id, name FROM {pipeline.dataset_name}.{table} ORDER BY id")
    assert found == [(1, "anna"), (2, "bob"), (3, "bob")]


def test_slowly_changing_rows(pipeline, rows) -> None:
    how = {"disposition": "merge", "strategy": "scd2"}
    for value in (1, 2):
        load = pipeline.run([{"id": 1, "v": value}], table_name="t", write_disposition=how)
        load.raise_on_failed_jobs()
    found = rows(f"SELECT v, _dlt_valid_to IS NULL FROM {pipeline.dataset_name}.t ORDER BY v")
    assert found == [(1, False), (2, True)]


def test_rows_are_read_back(pipeline) -> None:
    pipeline.run(ITEMS, table_name="items").raise_on_failed_jobs()
    assert pipeline.dataset()["items"].df().shape[0] == 2
    assert pipeline.dataset()["items__tags"].arrow().num_rows == 2
