"""Google's clients end at the private services, whatever key and project they name."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def google(run):
    done = run("any_google", "clients")
    done.require_success()
    return done


def test_each_way_to_sign_in_writes_to_the_private_bucket(google, stack):
    rows = {sink.name: sink.rows for sink in stack.gcs.inventory()}
    assert rows == {
        "bucket-of-environ/a.txt": None,
        "bucket-of-arrow/days/": 2,
        "bucket-of-objects/0.json": 1,
        "bucket-of-objects/1.json": 1,
        **{f"bucket-of-clients/part-{number}.parquet": 3 for number in range(5)},
        "bucket-of-filesystems/numbers/": 5,
        "bucket-of-mage/default.csv": 3,
        "bucket-of-mage/dev.csv": 3,
    }


def test_a_bucket_that_is_only_asked_about_is_not_made(google, stack):
    assert "bucket-of-nobody" not in stack.gcs.buckets()


def test_a_project_that_a_pipeline_names_has_its_tables(google, stack):
    assert stack.bigquery.describe("their-project.shop.orders").rows == 3
    assert stack.bigquery.describe("shop.orders").rows == 3
    assert stack.bigquery.read("mage.default")["n"].to_pylist() == [1, 2, 3]


def test_what_was_made_for_the_run_is_told(google):
    made = [event["name"] for event in google.process.events if event["event"] == "store_made"]
    assert sorted(made) == [
        "bucket-of-arrow",
        "bucket-of-clients",
        "bucket-of-environ",
        "bucket-of-filesystems",
        "bucket-of-mage",
        "bucket-of-objects",
        "their-project.mage",
    ]


@pytest.mark.slow
def test_gcsfs_and_pandas_gbq_do_too(run, stack):
    run("any_clients", "google").require_success()
    rows = {sink.name: sink.rows for sink in stack.gcs.inventory()}
    assert {name: rows[name] for name in rows if "gcsfs" in name or "pandas" in name} == {
        **{f"bucket-of-gcsfs/{number}.parquet": 3 for number in range(3)},
        "bucket-of-pandas/n.csv": 3,
        "bucket-of-pandas/n.parquet": 3,
    }
    assert stack.bigquery.describe("theirs.shop.plain").rows == 3
    assert stack.bigquery.describe("theirs.shop.other").rows == 3
