"""An engine that is none: it answers on a unix socket what a test tells it to."""

from __future__ import annotations

import json
import socketserver
import tempfile
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

VERSION = {
    "Version": "28.2.2",
    "ApiVersion": "1.50",
    "MinAPIVersion": "1.24",
    "Arch": "amd64",
    "Components": [{"Name": "Engine"}, {"Name": "containerd"}],
}
INFO = {
    "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
    "OSType": "linux",
    "SecurityOptions": ["name=seccomp,profile=default", "name=cgroupns"],
}


class Stream(list):
    """Events that are sent one by one."""


class FakeEngine:
    """Answers by method and path (without the version in front); notes what it was asked.

    ``answers`` maps ``GET /info`` to a body, to (status, body) or to a function of the query.
    A ``Stream`` is sent event by event.
    """

    def __init__(self, socket):
        self.socket = socket
        self.asked = []
        self.answers = {"GET /version": VERSION, "GET /info": INFO}
        self._server = None

    def start(self):
        engine = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                parts = urlsplit(self.path)
                path = parts.path
                if path.startswith("/v1."):
                    path = "/" + path.split("/", 2)[2]
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                if self.headers.get("Transfer-Encoding") == "chunked":
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size + 2)[:-2]
                key = f"{self.command} {path}"
                engine.asked.append((key, parse_qs(parts.query), body))
                found = engine.answers.get(key, (404, {"message": f"no such thing: {key}"}))
                if callable(found):
                    found = found(parse_qs(parts.query))
                status, content = found if isinstance(found, tuple) else (200, found)
                text = content if isinstance(content, bytes) else json.dumps(content).encode()
                streamed = isinstance(content, Stream)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                if streamed:
                    self.send_header("Transfer-Encoding", "chunked")
                else:
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if streamed:
                    lines = [json.dumps(event).encode() + b"\r\n" for event in content]
                    text = b"".join(b"%x\r\n%s\r\n" % (len(line), line) for line in lines)
                    text += b"0\r\n\r\n"
                self.wfile.write(text)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, *args):
                pass

            def address_string(self):
                return "local"

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

        self._server = Server(str(self.socket), Handler)
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()

    def stop(self):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            self.socket.unlink(missing_ok=True)

    def removed(self):
        return [key.removeprefix("DELETE ") for key, _, _ in self.asked if key.startswith("DEL")]


@pytest.fixture
def stream():
    """What makes a stream of a list."""
    return Stream


@pytest.fixture
def fake(monkeypatch):
    """A fake engine that DOCKER_HOST names."""
    # A socket's path may have 107 letters at the most, and pytest's folders are long.
    with tempfile.TemporaryDirectory(prefix="fake-engine-") as folder:
        engine = FakeEngine(Path(folder) / "docker.sock")
        engine.start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{engine.socket}")
        monkeypatch.setenv("DOCKER_CONFIG", folder)
        yield engine
        engine.stop()
