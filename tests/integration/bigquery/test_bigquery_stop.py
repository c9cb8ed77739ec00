"""The end of a stub while calls are under way."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import httpx
import pytest
from google.api_core.exceptions import GoogleAPICallError

from harness.services.bigquery import BigQueryStub

ENDLESS = (
    "SELECT COUNT(*) AS n FROM UNNEST(GENERATE_ARRAY(1, 1000000)) a, UNNEST(GENERATE_ARRAY(1, 1000000)) b "
    "WHERE MOD(a * b, 7) = 3"
)


@pytest.mark.parametrize(
    "sql", [ENDLESS, f"SELECT 1; {ENDLESS}; {ENDLESS}", f"CREATE TABLE d.t AS {ENDLESS}"]
)
def test_a_query_without_end_does_not_hold_the_end_up(sql):
    stub = BigQueryStub(project="test-project")
    stub.start()
    url = stub._server.url
    database = stub._server.catalog.database

    def ask():
        with suppress(httpx.HTTPError):
            httpx.post(
                f"{url}/bigquery/v2/projects/test-project/queries",
                json={"query": sql, "useLegacySql": False},
                timeout=60,
                trust_env=False,
            )

    httpx.post(
        f"{url}/bigquery/v2/projects/test-project/datasets",
        json={"datasetReference": {"datasetId": "d"}},
        trust_env=False,
    )
    asking = threading.Thread(target=ask)
    asking.start()
    deadline = time.monotonic() + 60
    while not database._open and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    assert database._open
    stub.stop()
    asking.join()
    assert not database._open
    assert not [
        one for one in threading.enumerate() if one.name.startswith("bigquery-stub-interrupt")
    ]


def test_a_call_that_cannot_be_interrupted_is_left(monkeypatch):
    monkeypatch.setattr("harness.bigquery.server._STOP_SECONDS", 0.5)
    stub = BigQueryStub(project="test-project")
    stub.start()
    url = stub._server.url
    reached, go_on = threading.Event(), threading.Event()
    ended = []

    def held(*_):
        reached.set()
        go_on.wait(30)
        ended.append(True)
        return []

    monkeypatch.setattr(stub._server.catalog, "projects", held)

    def ask():
        with suppress(httpx.HTTPError):
            httpx.get(f"{url}/bigquery/v2/projects", timeout=30, trust_env=False)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        assert reached.wait(60)
        stub.stop()
        assert not ended
    finally:
        go_on.set()
        asking.join(60)


def test_a_call_of_the_storage_api_that_does_not_end_is_left(monkeypatch):
    monkeypatch.setattr("harness.bigquery.storage.server._STOP_SECONDS", 0.5)
    reached, go_on = threading.Event(), threading.Event()
    ended = []

    def held(*_):
        reached.set()
        go_on.wait(30)
        ended.append(True)
        return b""

    monkeypatch.setattr("harness.bigquery.storage.calls.StorageCalls.create", held)
    stub = BigQueryStub(project="test-project")
    stub.start()

    def ask():
        with suppress(GoogleAPICallError), stub.read_client() as reader:
            reader.create_read_session({"parent": "projects/p", "read_session": {}}, retry=None)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        assert reached.wait(60)
        stub.stop()
        assert not ended
    finally:
        go_on.set()
        asking.join(60)
    assert not asking.is_alive()
