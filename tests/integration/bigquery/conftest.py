"""One started stub for all tests of this folder; each test finds it empty."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from harness.services.bigquery import BigQueryStub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.cloud.bigquery import Client

PROJECT = "test-project"


@pytest.fixture(scope="session")
def _started_stub() -> Iterator[BigQueryStub]:
    stub = BigQueryStub(project=PROJECT)
    stub.start()
    yield stub
    stub.stop()


@pytest.fixture
def stub(_started_stub: BigQueryStub) -> BigQueryStub:
    _started_stub.reset()
    return _started_stub


@pytest.fixture
def client(stub: BigQueryStub) -> Iterator[Client]:
    with stub.client() as client:
        client.create_dataset("d")
        yield client


@pytest.fixture
def gcs_server() -> Iterator[tuple[str, Callable[[str, str, bytes], None]]]:
    """A server of the two calls of GCS's JSON API that a load makes."""
    objects: dict[tuple[str, str], bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            url = urlsplit(self.path)
            bucket, _, name = url.path.removeprefix("/storage/v1/b/").partition("/o")
            if name:
                content = objects.get((bucket, unquote(name[1:])))
            else:
                prefix = parse_qs(url.query).get("prefix", [""])[0]
                found = [
                    one for owner, one in objects if owner == bucket and one.startswith(prefix)
                ]
                content = json.dumps({"items": [{"name": one} for one in found]}).encode()
            self.send_response(200 if content is not None else 404)
            self.end_headers()
            self.wfile.write(content or b"")

        def do_POST(self):
            url = urlsplit(self.path)
            bucket = url.path.removeprefix("/upload/storage/v1/b/").removesuffix("/o")
            content = self.rfile.read(int(self.headers["Content-Length"]))
            known = bucket != "none"
            if known:
                objects[bucket, parse_qs(url.query)["name"][0]] = content
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    def put(bucket: str, name: str, content: bytes) -> None:
        objects[bucket, name] = content

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", put
        server.shutdown()
        thread.join()


@pytest.fixture
def reader(stub):
    with stub.read_client() as client:
        yield client


@pytest.fixture
def numbers(client):
    client.query_and_wait("CREATE TABLE d.t AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, 10)) AS x")
