"""The history of the taxi data: files became parquet, hosts moved, columns changed type."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

COMMAND = Path(sys.executable).parent / "mage-harness"
CSV = b"VendorID,fare,day\n" + b"1,2.5,2021-01-01\n" * 30_000


def parquet(**columns):
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


class Web:
    """What stands under each path: (status, headers, body)."""

    def __init__(self):
        self.pages = {}
        self.asked = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_HEAD(self):
                self.do_GET()

            def do_GET(self):
                web.asked.append((self.command, self.path, self.headers.get("range")))
                status, headers, body = web.pages.get(self.path, (404, {}, b""))
                span = self.headers.get("range", "").removeprefix("bytes=")
                if span and status == 200:
                    size = len(body)
                    first, last = span.split("-")
                    start = int(first) if first else max(size - int(last), 0)
                    end = min(int(last) + 1, size) if first and last else size
                    headers = {**headers, "content-range": f"bytes {start}-{end - 1}/{size}"}
                    status, body = 206, body[start:end]
                self.send_response(status)
                for name, text in headers.items():
                    self.send_header(name, text)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.server.server_port}{path}"

    def end(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def web():
    made = Web()
    yield made
    made.end()


@pytest.fixture
def recorded(tmp_path, web):
    """Writes a cassette that says what the web says now, and lets the web answer so."""
    folder = tmp_path / "fixtures" / "http" / "taxi"
    folder.mkdir(parents=True)

    def make(path, body=b"", *, status=200, extra="", **headers):
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        web.pages[path] = (status, headers, body)
        lines = [f"- method: GET\n  url: {web.url(path)}\n  status: {status}\n"]
        if headers:
            lines.append(f"  headers: {headers}\n")
        if body:
            name = hashlib.sha256(body).hexdigest()
            (folder / name).write_bytes(body)
            lines.append(f"  body: {name}\n  sha256: {name}\n")
        with (folder / "index.yaml").open("a") as index:
            index.write("".join(lines) + extra)

    return make


@pytest.fixture
def drift(tmp_path):
    def run(*arguments):
        done = subprocess.run(
            [str(COMMAND), "drift", *arguments],
            cwd=tmp_path,
            env={**os.environ, "NO_PROXY": "127.0.0.1,localhost", "TERM": "dumb"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return run


def test_what_is_as_it_was_has_not_drifted(recorded, drift, web):
    recorded("/release", status=302, location=web.url("/month.csv.gz"))
    recorded("/month.csv.gz", gzip.compress(CSV), content_type="application/gzip", etag='"1"')
    recorded("/zones.parquet", parquet(a=[1, 2], b=["x", None]), last_modified="yesterday")
    recorded("/rows.json", b'{"rows": [{"id": 1, "at": "x"}]}', content_type="application/json")
    status, out, _ = drift()
    assert status == 0, out
    assert out.count("the same") == 3
    assert "3 origins asked or left out, 0 drifted" in out
    # No body as large as a month is fetched whole.
    assert all(span for command, _, span in web.asked if command == "GET")


def test_csv_became_parquet_and_the_old_address_is_gone(recorded, drift, web):
    recorded("/2021-01.csv", CSV, content_type="text/csv")
    recorded("/2021-02.csv", CSV, content_type="text/csv")
    del web.pages["/2021-01.csv"]
    body = parquet(VendorID=[1], fare=[2.5], day=["2021-02-01"])
    web.pages["/2021-02.csv"] = (200, {"content-type": "application/vnd.apache.parquet"}, body)
    status, out, _ = drift("taxi")
    assert status == 1
    assert "status 200 became 404" in out
    assert "content-type text/csv became application/vnd.apache.parquet" in out
    assert "column VendorID: BIGINT became int64" in out, out


def test_a_host_moved(recorded, drift, web):
    recorded("/release", status=302, location=web.url("/old/month.csv"))
    recorded("/old/month.csv", CSV, content_type="text/csv")
    web.pages["/new/month.csv"] = web.pages["/old/month.csv"]
    there = web.url("/new/month.csv", host="localhost")
    web.pages["/release"] = (302, {"location": there}, b"")
    status, out, _ = drift()
    assert status == 1
    port = web.server.server_port
    assert f"became 127.0.0.1:{port} -> localhost:{port}" in out


def test_columns_changed_type_in_mid_year(recorded, drift, web):
    many = list(range(200_000))
    recorded("/m.parquet", parquet(fee=[None, 1.5], kept=[1, 2], gone=[1, 1]))
    body = parquet(kept=many, fee=many, airport=["a", "b"] * 100_000)
    web.pages["/m.parquet"] = (200, {}, body)
    status, out, _ = drift()
    assert status == 1
    for change in (
        "column fee: double became int64",
        "column gone (int64) is gone",
        "column airport (string) is new",
        "the columns stand in another order",
    ):
        assert change in out
    # The footer alone was asked for, beside the first bytes.
    assert "bytes=-1048576" in [span for *_, span in web.asked]


def test_columns_of_texts_changed_too(recorded, drift, web):
    recorded("/t.csv.gz", gzip.compress(CSV), content_type="application/gzip")
    recorded("/t.jsonl", b'{"a": 1, "b": "x"}\n' * 3)
    recorded("/t.json", b'[{"a": {"b": 1}}]', content_type="application/json")
    changed = CSV.replace(b"1,2.5,", b"one,2,").replace(b"fare", b"Fare")
    web.pages["/t.csv.gz"] = (200, {"content-type": "application/gzip"}, gzip.compress(changed))
    web.pages["/t.jsonl"] = (200, {}, b'{"a": "one", "b": "x"}\n' * 3)
    web.pages["/t.json"] = (200, {"content-type": "application/json"}, b'[{"a": {"c": 1}}]')
    _, out, _ = drift()
    for change in (
        "column VendorID: BIGINT became VARCHAR",
        "column fare (DOUBLE) is gone",
        "column Fare (BIGINT) is new",
        "column a: BIGINT became VARCHAR",
        "column [].a.b (int) is gone",
    ):
        assert change in out, out


def test_a_sample_is_compared_by_the_size_of_the_whole(recorded, drift, web):
    recorded(
        "/month.csv",
        CSV[: len(CSV) // 2 + 9],
        extra=f"  sample: {{rows: 1, of: 2, bytes: {len(CSV)}, sha256: x}}\n",
        content_type="text/csv",
    )
    web.pages["/month.csv"] = (200, {"content-type": "text/csv"}, CSV)
    assert drift()[0] == 0
    web.pages["/month.csv"] = (200, {"content-type": "text/csv"}, CSV + b"1,1,2021-01-02\n")
    assert f"{len(CSV):,} bytes became {len(CSV) + 15:,}" in drift()[1]


def test_an_origin_that_is_not_there_and_one_that_needs_a_secret(recorded, drift, web, tmp_path):
    recorded("/x.csv?api_key=scrubbed", b"a\n1\n")
    index = tmp_path / "fixtures" / "http" / "taxi" / "index.yaml"
    index.write_text(
        index.read_text() + "- method: GET\n  url: http://nowhere.invalid/x\n  status: 200\n"
    )
    status, out, _ = drift()
    assert status == 1
    assert "its secret was taken out" in out
    assert "it cannot be asked" in out
    assert web.asked == []


def test_bad_usage_is_told(drift):
    status, _, errors = drift("none")
    assert status == 2
    assert "there is no cassette 'none'" in errors
    assert drift()[0] == 2
