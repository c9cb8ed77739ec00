"""Parts of uploads that are written down while they come, past the parser of HTTP."""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import closing
from itertools import pairwise

import httpx
import pytest

from harness.bigquery.rest.spool import Spool

ROWS = b"".join(b'{"n": %d, "s": "%s"}\n' % (number, b"x" * 990) for number in range(3000))
JOB = {
    "configuration": {
        "load": {
            "destinationTable": {"projectId": "test-project", "datasetId": "d", "tableId": "t"},
            "sourceFormat": "NEWLINE_DELIMITED_JSON",
            "autodetect": True,
        }
    }
}
ASK = b"GET /bigquery/v2/projects/test-project/datasets HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def http(stub, client):
    with httpx.Client(base_url=stub.url, trust_env=False) as http:
        yield http


@pytest.fixture
def where(http):
    """The address of an upload that has begun."""
    return begun(http)


def begun(http):
    answer = http.post(
        "/upload/bigquery/v2/projects/test-project/jobs?uploadType=resumable", json=JOB
    )
    return answer.headers["location"]


@pytest.fixture
def wire(stub):
    """A connection without a client."""
    with closing(socket.create_connection(stub._server.address, timeout=20)) as wire:
        yield wire


def head(where, *more):
    url = httpx.URL(where)
    lines = [
        b"PUT %s HTTP/1.1" % url.raw_path,
        b"Host: x",
        b"Content-Length: %d" % len(ROWS),
        b"Content-Range: bytes 0-%d/%d" % (len(ROWS) - 1, len(ROWS)),
        *more,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def answer(wire):
    """The status and the content of an answer."""
    came = b""
    while b"\r\n\r\n" not in came:
        came += wire.recv(1)
    status = int(came.split(b" ", 2)[1])
    lengths = [line for line in came.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    content = b""
    while len(content) < length:
        content += wire.recv(length - len(content))
    return status, content


def files(stub):
    """What lies in the folder of uploads."""
    folder = stub._server._running.api.uploads._folder
    return sorted(folder.iterdir()) if folder else []


def test_calls_on_the_same_connection_go_on_before_and_behind_it(stub, where, wire, client):
    # The head comes in pieces, and the next call in one piece with the end.
    wire.sendall(ASK + head(where)[:50])
    assert answer(wire)[0] == 200
    wire.sendall(head(where)[50:] + ROWS[:10])
    time.sleep(0.05)
    wire.sendall(ROWS[10:-10])
    wire.sendall(ROWS[-10:] + ASK)
    status, content = answer(wire)
    assert (status, json.loads(content)["status"]) == (200, {"state": "DONE"})
    status, content = answer(wire)
    assert (status, json.loads(content)["datasets"][0]["id"]) == (200, "test-project:d")
    assert client.get_table("d.t").num_rows == 3000
    assert files(stub) == []
    (put,) = [call for call in stub.calls() if call.method == "PUT"]
    assert put.received == len(ROWS)


def test_a_head_that_waits_for_the_answer_before(where, wire, client):
    wire.sendall(ASK + head(where) + ROWS[:2000])
    assert answer(wire)[0] == 200
    wire.sendall(ROWS[2000:])
    assert answer(wire)[0] == 200
    assert client.get_table("d.t").num_rows == 3000


@pytest.mark.parametrize("line", [b"Expect: 100-continue", b"Connection: close"])
def test_what_a_client_says_beside_it(where, wire, client, line):
    wire.sendall(head(where, line))
    if line.startswith(b"Expect"):
        assert answer(wire)[0] == 100
    wire.sendall(ROWS)
    assert answer(wire)[0] == 200
    assert client.get_table("d.t").num_rows == 3000
    if line.endswith(b"close"):
        assert wire.recv(1) == b""


def test_several_large_parts(where, http, stub, client):
    cuts = [0, 1 << 20, (1 << 20) + 100, 2_500_000, len(ROWS)]
    for start, stop in pairwise(cuts):
        told = {"Content-Range": f"bytes {start}-{stop - 1}/{len(ROWS)}"}
        done = http.put(where, content=ROWS[start:stop], headers=told)
        if stop < len(ROWS):
            assert (done.status_code, done.headers["range"]) == (308, f"bytes=0-{stop - 1}")
    assert done.status_code == 200
    assert client.get_table("d.t").num_rows == 3000
    assert files(stub) == []


def test_a_cut_leaves_nothing_and_the_upload_goes_on(where, wire, http, stub, client):
    for stop in (0, 1, 1 << 20, len(ROWS) - 1):
        with closing(socket.create_connection(stub._server.address, timeout=20)) as cut:
            cut.sendall(head(where) + ROWS[:stop])
    asked = http.put(where, headers={"Content-Range": f"bytes */{len(ROWS)}"})
    assert (asked.status_code, "range" in asked.headers) == (308, False)
    until = time.monotonic() + 60
    while len(files(stub)) > 1:  # the upload's own file stays
        assert time.monotonic() < until
        time.sleep(0.01)
    wire.sendall(head(where) + ROWS)
    assert answer(wire)[0] == 200
    assert client.get_table("d.t").num_rows == 3000


def test_a_length_that_the_range_denies_is_refused(where, http, client):
    told = {"Content-Range": f"bytes 0-{len(ROWS)}/{len(ROWS) + 1}"}
    refused = http.put(where, content=ROWS, headers=told)
    assert refused.status_code == 400
    assert "does not match the length" in refused.json()["error"]["message"]
    assert not list(client.list_tables("d"))


def test_an_upload_that_is_not_there(where, http, stub):
    before = set(files(stub))
    refused = http.put(where + "0", content=ROWS, headers={"Content-Range": "bytes 0-9/10"})
    assert refused.status_code == 404
    # What came of this call is on its way out while its answer is.
    until = time.monotonic() + 60
    while not set(files(stub)) <= before and time.monotonic() < until:
        time.sleep(0.01)
    assert set(files(stub)) <= before


def test_a_full_disk_is_told_when_the_content_is_taken(tmp_path):
    (tmp_path / "full").symlink_to("/dev/full")
    spool = Spool(tmp_path / "x")
    spool._file.close()
    spool._file = os.fdopen(os.open(tmp_path / "full", os.O_WRONLY), "wb")
    for _ in range(3):
        spool.write(ROWS)
    with pytest.raises(OSError, match="No space left"):
        spool.move_to(tmp_path / "y", whole=True)
    spool.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["full"]
