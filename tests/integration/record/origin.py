"""An origin with the habits of real ones."""

from __future__ import annotations

import gzip
import io
import json
import time
from http.server import BaseHTTPRequestHandler

import pyarrow as pa
import pyarrow.parquet as pq

CSV = b"id,name\n" + b"".join(b"%d,n%d\n" % (number, number) for number in range(2000))
CSV_GZ = gzip.compress(CSV, mtime=0)


def _parquet():
    sink = io.BytesIO()
    rows = range(50_000)
    pq.write_table(pa.table({"id": rows, "name": [f"n{row}" for row in rows]}), sink)
    return sink.getvalue()


TABLE = _parquet()
TOKEN = "Zm9vYmFyLXNlY3JldC10b2tlbi0xMjM0"
SIGNED = "https://cdn.origin.test/month.csv.gz?X-Amz-Date=20210201&X-Amz-Signature=0123456789abcdef"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        self.server.asked.append(f"{self.command} {self.path}")
        path, _, query = self.path.partition("?")
        name = path.strip("/").replace("/", "_").partition(".")[0] or "root"
        getattr(self, f"on_{name}", self.on_absent)(query)

    def do_POST(self):
        self.server.asked.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/token":
            self.say(json.dumps({"access_token": TOKEN, "next_page_token": "page-2"}).encode())
        else:
            found = json.loads(body)
            self.say(json.dumps({"rows": [found["q"]] * 2}).encode())

    def say(self, body, *, status=200, kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for header, text in headers.items():
            self.send_header(header.replace("_", "-"), text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def on_release(self, _query):
        self.say(b"", status=302, Location=SIGNED)

    def on_month(self, _query):
        self.file(CSV_GZ, etag='"month"')

    def on_table(self, _query):
        self.file(TABLE, etag='"table"')

    def file(self, content, *, etag):
        kind = "application/octet-stream"
        part = self.headers.get("range")
        if part and self.command == "GET":
            first, last = part.removeprefix("bytes=").split("-")
            start = int(first) if first else len(content) - int(last)
            body = content[start : int(last) + 1 if first and last else None]
            reach = f"bytes {start}-{start + len(body) - 1}/{len(content)}"
            self.say(body, status=206, kind=kind, ETag=etag, Content_Range=reach)
        else:
            self.say(content, kind=kind, ETag=etag, Accept_Ranges="bytes")

    def on_plain(self, _query):
        if "gzip" in self.headers.get("accept-encoding", ""):
            self.say(gzip.compress(CSV), kind="text/csv", Content_Encoding="gzip")
        else:
            self.say(CSV, kind="text/csv")

    def on_chunked(self, _query):
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(CSV), 999):
            part = CSV[start : start + 999]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def on_endless(self, _query):
        """Too much for the buffers between a client that goes and this server."""
        self.say(bytes(20_000_000), kind="application/octet-stream")

    def on_pages(self, query):
        page = int(query.partition("=")[2] or 1)
        self.say(json.dumps({"rows": [page], "next": page + 1 if page < 3 else None}).encode())

    def on_busy(self, _query):
        asked = sum(one == "GET /busy" for one in self.server.asked)
        if asked == 1:
            self.say(b"{}", status=429, Retry_After="0")
        elif asked == 2:
            self.say(b"{}", status=500)
        else:
            self.say(json.dumps({"asked": asked}).encode())

    def on_slow(self, _query):
        time.sleep(1)
        self.say(b'{"slow": true}')

    def on_cut(self, _query):
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(CSV)))
        self.end_headers()
        self.wfile.write(CSV[: len(CSV) // 2])
        self.wfile.flush()
        self.connection.close()
        self.close_connection = True

    def on_hold(self, _query):
        """Begins an answer, and ends it for nobody."""
        self.send_response(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"first")
        self.wfile.flush()
        self.rfile.read(1)
        self.close_connection = True

    def on_login(self, _query):
        self.say(b"{}", Set_Cookie="session=abcdef0123456789abcdef; Path=/")

    def on_mine(self, _query):
        known = "session=" in self.headers.get("cookie", "")
        self.say(json.dumps({"known": known}).encode(), status=200 if known else 403)

    def on_echo(self, query):
        self.say(json.dumps({"query": query, "auth": self.headers.get("authorization")}).encode())

    def on_leak(self, _query):
        self.say(json.dumps({"note": "AKIA" + "IOSFODNN7EXAMPLE"}).encode())

    def on_kind(self, _query):
        csv = "csv" in self.headers.get("accept", "")
        self.say(
            b"a,b\n1,2\n" if csv else b"[1, 2]", kind="text/csv" if csv else "application/json"
        )

    def on_latin(self, _query):
        self.say(b"{}", X_Latin="Jos\xe9", X_Utf="Jos\xc3\xa9")

    def on_xgzip(self, _query):
        self.say(gzip.compress(b"hello"), kind="text/plain", Content_Encoding="x-gzip")

    def on_absent(self, _query):
        self.say(b'{"error": "no such page"}', status=404)
