"""A dataset that the harness made is where a job looks for it; one of the pipeline's is not."""

from __future__ import annotations

import google.cloud.bigquery as bq
import pytest
from google.api_core.exceptions import NotFound

from harness.bigquery.labels import ANYWHERE
from harness.tap import SITE


def test_jobs_of_each_location_find_it(client):
    made = bq.Dataset("test-project.raw")
    made.labels = ANYWHERE
    client.create_dataset(made)
    client.query_and_wait("CREATE TABLE raw.t AS SELECT 1 AS n")
    (row,) = client.query_and_wait("SELECT n FROM raw.t", location="EU")
    assert row["n"] == 1
    client.query_and_wait("INSERT INTO raw.t VALUES (2)", location="europe-west1")
    with pytest.raises(NotFound, match="not found in location EU"):
        client.query_and_wait("SELECT * FROM d.t", location="EU")


def test_tables_of_a_dataset_that_is_not_there_are_a_question(client, stub):
    with pytest.raises(NotFound):
        list(client.list_tables("nowhere"))
    assert not stub.incidents(0)


def test_what_the_tap_makes_has_the_same_label():
    tap = (SITE / "mage_harness_tap" / "google_stores.py").read_text("utf-8")
    assert f"_ANYWHERE = {ANYWHERE}".replace("'", '"') in tap
