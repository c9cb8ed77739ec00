"""A real Google Cloud project, played by a fake-gcs-server and our BigQuery stub."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.machine.guardian import Guardian
from harness.services.bigquery import BigQueryStub
from harness.services.given.real import real_project
from harness.services.given.real_bigquery import RealBigQuery
from harness.services.given.real_credentials import SignIn
from harness.services.given.real_gcs import RealGcs
from tests.integration.services.given_real.played import PROJECT, datasets


@pytest.fixture(scope="module")
def running_stub():
    stub = BigQueryStub(project=PROJECT)
    stub.start()
    yield stub
    stub.stop()


@pytest.fixture
def google(storage, running_stub):
    """Google, with what is somebody's and must stay: a bucket and a dataset."""
    running_stub.reset()
    with contextlib.closing(storage.client()) as client:
        client.create_bucket("precious").blob("kept.csv").upload_from_string("a\n1\n")
    with running_stub.client() as client:
        client.create_dataset("precious")
        client.query("CREATE TABLE precious.kept AS SELECT 1 AS a").result()
        yield client
        assert "precious" in datasets(client)
        assert [one.table_id for one in client.list_tables("precious")] == ["kept"]
    with contextlib.closing(storage.client()) as client:
        assert [blob.name for blob in client.bucket("precious").list_blobs()] == ["kept.csv"]


@pytest.fixture
def real(google, storage, running_stub):
    return real_project(
        PROJECT, sign_in=SignIn(), gcs=storage.endpoint, bigquery=running_stub.url, location="EU"
    )


@pytest.fixture
def guardian():
    with Guardian() as guardian:
        yield guardian


@pytest.fixture
def bucket(real, guardian):
    service = RealGcs(real, guardian=guardian)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def dataset(real, guardian):
    service = RealBigQuery(real, guardian=guardian)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def answering():
    """A server that gives one answer to everything, and remembers what it was asked."""
    state = {"status": 200, "body": {}, "asked": []}

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state["asked"].append((self.command, self.path, self.headers.get("Authorization")))
            body = json.dumps(state["body"]).encode()
            self.send_response(state["status"])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = do_PATCH = answer  # noqa: N815

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        state["url"] = f"http://127.0.0.1:{server.server_address[1]}"
        yield state
        server.shutdown()
        thread.join()
