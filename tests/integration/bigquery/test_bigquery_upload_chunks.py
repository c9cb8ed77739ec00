"""Google's resumable protocol as clients speak it: chunks, cuts, questions."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.bigquery.errors import ApiError

ROWS = b"".join(b'{"n": %d}\n' % number for number in range(50))
SIZE = len(ROWS)
JOB = {
    "configuration": {
        "load": {
            "destinationTable": {"projectId": "test-project", "datasetId": "d", "tableId": "t"},
            "sourceFormat": "NEWLINE_DELIMITED_JSON",
            "schema": {"fields": [{"name": "n", "type": "INTEGER"}]},
        }
    }
}


@pytest.fixture
def http(stub, client):
    with httpx.Client(base_url=stub.url, trust_env=False) as http:
        yield http


def begin(http, job=None):
    answer = http.post(
        "/upload/bigquery/v2/projects/test-project/jobs?uploadType=resumable", json=job or JOB
    )
    assert answer.status_code == 200
    return answer.headers["location"]


def put(http, where, content=b"", content_range=""):
    return http.put(where, content=content, headers={"Content-Range": content_range})


def send(http, where, start, stop, *, total=SIZE):
    return put(http, where, ROWS[start:stop], f"bytes {start}-{stop - 1}/{total}")


def test_chunks_of_any_size_and_a_total_that_is_told_last(http, client):
    where = begin(http)
    for start in range(0, len(ROWS) - 7, 7):
        answer = send(http, where, start, start + 7, total="*")
        assert (answer.status_code, answer.headers["range"]) == (308, f"bytes=0-{start + 6}")
    done = send(http, where, start + 7, len(ROWS))
    assert done.status_code == 200
    assert done.json()["status"] == {"state": "DONE"}
    assert client.get_table("d.t").num_rows == 50


def test_an_upload_goes_on_after_a_cut(http, client):
    where = begin(http)
    asked = put(http, where, content_range=f"bytes */{len(ROWS)}")
    assert asked.status_code == 308
    assert "range" not in asked.headers
    send(http, where, 0, 100)
    asked = put(http, where, content_range=f"bytes */{len(ROWS)}")
    assert (asked.status_code, asked.headers["range"]) == (308, "bytes=0-99")
    # A chunk that does not begin there is not taken.
    assert send(http, where, 200, 300).headers["range"] == "bytes=0-99"
    done = send(http, where, 100, len(ROWS))
    assert done.status_code == 200
    # The answer was lost: the job is not done again.
    again = put(http, where, content_range=f"bytes */{len(ROWS)}")
    assert (again.status_code, again.content) == (200, done.content)
    assert client.get_table("d.t").num_rows == 50


@pytest.mark.parametrize("fails", [False, True])
def test_the_last_chunk_twice_at_the_same_time(http, client, stub, monkeypatch, fails):
    jobs = stub._server._running.api.jobs
    loading, go_on = threading.Event(), threading.Event()
    insert = jobs.insert

    def slow(*args, **options):
        loading.set()
        assert go_on.wait(60)
        if fails:
            raise ApiError("invalid", "no")
        return insert(*args, **options)

    monkeypatch.setattr(jobs, "insert", slow)
    where = begin(http)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(send, http, where, 0, SIZE)
        assert loading.wait(60)
        second = threads.submit(send, http, where, 0, SIZE)
        # Long enough for it to wait for the first; were it shorter, nothing would fail wrongly.
        time.sleep(0.2)
        go_on.set()
        answers = first.result(), second.result()
    if fails:
        assert [one.status_code for one in answers] == [400, 404]
        return
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert client.get_table("d.t").num_rows == 50


@pytest.mark.parametrize(
    "given_range",
    ["bytes 0-9/5", "bytes 5-1/10", "bytes 0-4/*x", "rows 0-9/10", "bytes 0-3/10", "bytes -1-8/10"],
)
def test_a_range_that_makes_no_sense(http, given_range):
    where = begin(http)
    answer = put(http, where, b"0123456789", given_range)
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"][0]["reason"] == "invalid"


def test_an_upload_that_nobody_began(http):
    answer = put(http, begin(http) + "x", content_range="bytes */*")
    assert answer.status_code == 404


def test_an_upload_that_is_never_finished_makes_no_table(http, client):
    send(http, begin(http), 0, len(ROWS) - 1)
    assert list(client.list_tables("d")) == []
    assert list(client.list_jobs()) == []


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(cut=st.integers(0, 400))
def test_a_multipart_body_cut_at_any_byte_changes_nothing(http, client, cut):
    body = (
        b"--mark\r\ncontent-type: application/json\r\n\r\n"
        + json.dumps(JOB).encode()
        + b"\r\n--mark\r\ncontent-type: */*\r\n\r\n"
        + b'{"n": 1}\n'
        + b"\r\n--mark--"
    )
    answer = http.post(
        "/upload/bigquery/v2/projects/test-project/jobs?uploadType=multipart",
        content=body[: min(cut, len(body) - 1)],
        headers={"content-type": 'multipart/related; boundary="mark"'},
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"][0]["reason"] == "invalid"
    assert list(client.list_tables("d")) == []
