"""Views and external tables as sinks: what they show, not the rows that they do not hold."""

from __future__ import annotations

import pytest

from harness.errors import CheckFailedError
from harness.expect import Expect
from harness.services.bigquery import BigQueryStub


@pytest.fixture(scope="module")
def stub():
    service = BigQueryStub(project="test-project")
    service.start()
    client = service.client()
    client.query_and_wait(
        "CREATE SCHEMA d; CREATE TABLE d.t AS SELECT x FROM UNNEST([1, 2, 3]) AS x;"
        "CREATE VIEW d.v AS SELECT x * 2 AS double FROM d.t WHERE x > 1;"
        "CREATE TABLE d.gone (day DATE); CREATE VIEW d.w AS SELECT day FROM d.gone;"
        "DROP TABLE d.gone"
    )
    yield service
    service.stop()


def test_a_view_has_the_rows_that_it_shows(stub):
    asked = len(stub.queries())
    assert stub.describe("d.v").rows == 2
    assert stub.read("d.v").to_pydict() == {"double": [4, 6]}
    expect = Expect(postgres=None, gcs=None, bigquery=lambda: stub)
    expect.bigquery("d.v").rows(2)
    with pytest.raises(AssertionError):
        expect.bigquery("d.v").rows(0)
    # To look is not to query.
    assert len(stub.queries()) == asked


def test_an_inventory_does_not_run_views(stub):
    rows = {sink.name: sink.rows for sink in stub.inventory()}
    assert rows == {"d.t": 3, "d.v": None, "d.w": None}


def test_a_view_that_cannot_be_read_is_named(stub):
    with pytest.raises(CheckFailedError, match=r"d\.w cannot be read") as caught:
        stub.describe("d.w")
    assert "d.gone" in str(caught.value)
