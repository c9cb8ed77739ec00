"""Mage's BigQuery class and its SQL blocks, run by the real ``mage run`` through the harness."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.cloud.bigquery import Dataset

PROJECT = Path(__file__).parents[1] / "projects" / "bigquery_work"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def mage_settings(mage_settings):
    return mage_settings.model_copy(update={"project": PROJECT, "needs": {}})


def make_dataset(bigquery) -> None:
    """Make what a SQL block does not, where io_config.yaml says that its jobs run."""
    with bigquery.client() as client:
        dataset = Dataset(f"{client.project}.marts")
        dataset.location = "EU"
        client.create_dataset(dataset)


def rows_of_blocks(bigquery) -> dict[str, int]:
    """The tables that Mage makes of SQL blocks, by block."""
    prefix, suffix = "marts.dev_sql_blocks_", "_v1"
    return {
        sink.name.removeprefix(prefix).removesuffix(suffix): sink.rows
        for sink in bigquery.inventory()
    }


def test_the_class_loads_exports_and_executes(mage, expect, bigquery) -> None:
    mage.run("python_io")

    assert {sink.name: sink.rows for sink in bigquery.inventory()} == {
        "shop.appended": 6,
        "shop.executed": 3,
        "shop.kept": 3,
        "shop.merged": 4,
        "shop.of_query": 6,
        "shop.one_row": 1,
        "shop.replaced": 2,
        "shop.truncated": 1,
        "shop.typed": 3,
    }
    schema = {"id": "INT64", "kind_of_trip": "STRING", "price": "FLOAT64", "taken": "DATETIME"}
    expect.bigquery("shop.appended").schema(schema)
    expect.bigquery("shop.kept").schema({**schema, "tip": "INT64"})
    expect.bigquery("shop.one_row").schema({"id": "INT64", "words": "ARRAY<STRING>"})
    merged = bigquery.read("shop.merged").sort_by("id").to_pydict()
    assert merged["id"] == [1, 2, 3, 9]
    assert merged["price"] == [100.0, 2.25, 4.0, 1.5]


def test_blocks_of_sql_write_by_their_policy(mage, bigquery) -> None:
    make_dataset(bigquery)
    mage.run("sql_blocks")

    first = {"trips": 3, "dear_trips": 2, "replaced": 2, "appended": 2, "kept": 2}
    assert rows_of_blocks(bigquery) == first
    dear = bigquery.read("marts.dev_sql_blocks_dear_trips_v1").sort_by("id").to_pydict()
    assert dear == {"id": [2, 3], "kind_of_trip": ["b", None], "price": [4.5, 8.0]}
    kept = bigquery.read("marts.dev_sql_blocks_kept_v1").sort_by("id").to_pydict()
    assert kept == {"number": [7, 7], "id": [2, 3]}

    again = mage.run("sql_blocks", check=False)
    assert not again.ok
    assert {problem.block for problem in again.problems} == {"kept"}
    assert rows_of_blocks(bigquery) == {**first, "appended": 4}


def test_blocks_of_raw_sql(mage, bigquery) -> None:
    make_dataset(bigquery)
    mage.run("sql_raw")

    assert bigquery.read("marts.sums").to_pydict()["total"] == [123]
    assert bigquery.read("marts.made").num_rows == 4
    assert bigquery.partitions("marts.sums") == {"20210101": 1}
