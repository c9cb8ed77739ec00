"""A project whose environment has BigQuery's Storage client, run by the real ``mage run``."""

from __future__ import annotations

from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2] / "projects" / "storage_api"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def mage_settings(mage_settings):
    return mage_settings.model_copy(update={"project": PROJECT, "needs": {}})


def test_mages_class_clients_of_a_block_and_a_subprocess_read_arrow_from_the_stub(mage, bigquery):
    mage.run("arrow")
    read = [one.table for one in bigquery.calls() if one.operation == "BigQueryRead.ReadRows"]
    assert len(read) == 4
    assert read.count("t") == 2
