"""Origins that answer HEAD otherwise than GET, never end, or come in crumbs."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.drift.live import Origins

CSV = b"a,b\n1,2\n"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        if self.path == "/closes":
            self.close_connection = True
            return
        if self.path.startswith(("/round", "/about", "/further")):
            self.do_GET()
            return
        status = self.path.strip("/").removeprefix("head")
        self._head(int(status) if status.isdigit() else 200, {"location": "/login"})

    def do_GET(self):
        if self.path == "/sleeps":
            time.sleep(20)
        elif self.path in ("/round", "/about"):
            other = "/about" if self.path == "/round" else "/round"
            self._head(302, {"location": other, "content-length": "0"})
        elif self.path.startswith("/further"):
            self._head(302, {"location": f"{self.path}/on", "content-length": "0"})
        elif self.path == "/crumbs":
            self._head(200, {"transfer-encoding": "chunked"})
            for byte in CSV:
                self.wfile.write(b"1\r\n%c\r\n" % byte)
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        elif self.path == "/drips":
            self._head(200, {"content-length": "100000"})
            self._forever(b"1", pause=0.1)
        elif self.path == "/endless":
            self._head(200, {"transfer-encoding": "chunked"})
            self._forever(b"7d0\r\n%s\r\n" % (b"1,2\n" * 500))
        else:
            self._head(200, {"content-length": str(len(CSV))})
            self.wfile.write(CSV)

    def _head(self, status, headers):
        self.send_response(status)
        self.send_header("content-type", "text/csv")
        for name, text in headers.items():
            self.send_header(name, text)
        if self.command == "HEAD" and "content-length" not in headers:
            self.send_header("content-length", "0")
        self.end_headers()

    def _forever(self, piece, *, pause=0.0):
        try:
            while True:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(pause)
        except OSError:
            self.close_connection = True


@pytest.fixture(scope="module")
def home():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["head404", "head500", "head302", "closes", "crumbs", "plain"])
def test_what_get_says_counts(home, path):
    with Origins(timeout=30) as origins:
        found = origins.facts(f"{home}/{path}")
    assert (found.status, found.why) == (200, "")
    assert found.columns == {"a": "BIGINT", "b": "BIGINT"}


@pytest.mark.parametrize("path", ["drips", "sleeps"])
def test_no_origin_takes_longer_than_it_may(home, path):
    with Origins(timeout=1) as origins:
        found = origins.facts(f"{home}/{path}")
    assert "Timeout" in found.why


def test_of_an_endless_body_a_part_is_enough(home):
    with Origins(timeout=30) as origins:
        found = origins.facts(f"{home}/endless")
    assert found.status == 200
    assert len(found.columns) == 2


@pytest.mark.parametrize(
    ("path", "why"),
    [("round", "go round in a circle, back to 127.0.0.1"), ("further", "more than 19 redirects")],
)
def test_redirects_that_come_to_no_end_are_told_as_such(home, path, why):
    with Origins(timeout=30) as origins:
        found = origins.facts(f"{home}/{path}")
    assert why in found.why
    assert len(found.hops) == 20
