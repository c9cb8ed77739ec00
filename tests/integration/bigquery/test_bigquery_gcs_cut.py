"""A Cloud Storage emulator that fails: nothing is loaded, and the job says what has failed."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

import pytest
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import bigquery as bq

ROWS = b"".join(b"%d\n" % number for number in range(1000))
CONFIG = bq.LoadJobConfig(source_format="CSV", schema=[bq.SchemaField("n", "INTEGER")])


@contextmanager
def answering(content):
    """A server that answers every connection with these bytes and ends it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            while True:
                try:
                    one, _ = listener.accept()
                except OSError:
                    return
                with one:
                    one.recv(1 << 16)
                    one.sendall(content)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(60)


def answer(status, head, body):
    return b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n" + head + b"\r\n" + body


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (answer(b"200 OK", b"Content-Length: 3890\r\n", ROWS[:800]), "ends after 800 of 3890"),
        (
            answer(b"200 OK", b"Transfer-Encoding: chunked\r\n", b"f0\r\n" + ROWS[:100]),
            "IncompleteRead",
        ),
        (answer(b"500 Oh no", b"", b""), "it answers 500 Oh no"),
        (answer(b"403 Forbidden", b"", b""), "it answers 403 Forbidden"),
        (b"", "closed connection without response"),
        (b"nonsense\r\n\r\n", "nonsense"),
    ],
)
@pytest.mark.parametrize("name", ["one.csv", "all*.csv"])
def test_an_object_that_does_not_come_whole(client, stub, monkeypatch, content, told, name):
    with answering(content) as endpoint:
        monkeypatch.setattr(stub._server._running.api.jobs, "gcs_endpoint", endpoint)
        with pytest.raises(BadRequest) as caught:
            client.load_table_from_uri(f"gs://bucket/{name}", "d.t", job_config=CONFIG).result()
    assert endpoint in caught.value.message
    assert f"gs://bucket/{name}" in caught.value.message
    if name == "one.csv":
        assert told in caught.value.message
    with pytest.raises(NotFound):
        client.get_table("d.t")


def test_an_emulator_that_is_gone(client, stub, monkeypatch):
    with answering(b"") as endpoint:
        pass
    monkeypatch.setattr(stub._server._running.api.jobs, "gcs_endpoint", endpoint)
    with pytest.raises(BadRequest, match=f"{endpoint} failed: .*refused"):
        client.load_table_from_uri("gs://bucket/a.csv", "d.t", job_config=CONFIG).result()


def test_only_what_is_not_there_is_not_found(client, stub, monkeypatch):
    with answering(answer(b"404 Not Found", b"", b"")) as endpoint:
        monkeypatch.setattr(stub._server._running.api.jobs, "gcs_endpoint", endpoint)
        with pytest.raises(NotFound, match=r"Not found: URI gs://bucket/a\.csv"):
            client.load_table_from_uri("gs://bucket/a.csv", "d.t", job_config=CONFIG).result()
