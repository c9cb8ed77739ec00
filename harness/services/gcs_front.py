"""A front before Cloud Storage's server, through which its objects have the times of a clock.

The server is a program that no library is preloaded into: it asks the kernel for the time itself.
"""

from __future__ import annotations

import http.client
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import IO, TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from harness.services.gcs_times import Times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.clock.clock import Clock

_BLOCK = 1 << 18
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
_JSON_API = re.compile(r"/(upload/|resumable/upload/)?storage/v1/")
_BUCKET = re.compile(r"/[^/]+/?")


class GcsFront:
    """Listens on a port of its own and hands on whatever comes.

    It lives in threads of this process: a client that keeps Python's lock while it waits, as
    pyarrow's file system does, must be in another one.

    Args:
        origin: The server's address, ``http://host:port``.
        clock: Tells which time it was when something happened.
    """

    def __init__(self, origin: str, *, clock: Clock) -> None:
        host = urlsplit(origin).hostname or ""
        self._server = _Server((host, 0), _Handler)
        self._server.origin = origin
        self._server.url = f"http://{host}:{self._server.server_port}"
        self._server.clock = clock
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.02},
            name="mage-harness-gcs-front",
            daemon=True,
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address, ``http://host:port``."""
        return self._server.url

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    origin: str
    url: str
    clock: Clock

    def server_bind(self) -> None:
        """Bind, without asking name servers what the address is called, as the base class does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server
    timeout: ClassVar[float] = 600

    def setup(self) -> None:
        """Each connection of a client has one to the server."""
        super().setup()
        self._origin = http.client.HTTPConnection(urlsplit(self.server.origin).netloc)

    def finish(self) -> None:
        """End both."""
        self._origin.close()
        super().finish()

    def handle_one_request(self) -> None:
        """A client that leaves is nobody's mistake."""
        try:
            super().handle_one_request()
        except (ConnectionError, http.client.HTTPException):
            self.close_connection = True

    def _pass_on(self) -> None:
        chunked = "chunked" in self.headers.get("Transfer-Encoding", "").lower()
        length = int(self.headers.get("Content-Length") or 0)
        # With the server's own name as the host: it tells its two APIs apart by it.
        self._origin.putrequest(self.command, self.path, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _HOP | {"expect", "host"}:
                self._origin.putheader(name, value)
        if chunked:
            self._origin.putheader("Transfer-Encoding", "chunked")
        elif "Content-Length" in self.headers:
            self._origin.putheader("Content-Length", str(length))
        body = _chunks(self.rfile) if chunked else _blocks(self.rfile, length)
        self._origin.endheaders(body, encode_chunked=chunked)
        self._answer(self._origin.getresponse())

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _pass_on  # noqa: N815 - the base class's names

    def _answer(self, response: http.client.HTTPResponse) -> None:
        times = Times(self.server.clock.shown)
        body = self._moved(response, times)
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in _HOP:
                self.send_header(name, self._header(name.lower(), value, times))
        known = response.getheader("Content-Length") if body is None else str(len(body))
        silent = self.command == "HEAD" or response.status in (204, 304)
        if known is not None:
            self.send_header("Content-Length", known)
        elif not silent:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if silent:
            response.read()
        elif body is not None:
            self.wfile.write(body)
        else:
            _copy(response, self.wfile, chunked=known is None)
        self.wfile.flush()

    def _moved(self, response: http.client.HTTPResponse, times: Times) -> bytes | None:
        """The body where it tells times; None where it is an object's content."""
        asked = urlsplit(self.path)
        if self.command == "HEAD" or response.getheader("Content-Encoding"):
            return None
        kind = response.getheader("Content-Type") or ""
        media = "media" in parse_qs(asked.query).get("alt", ())
        if "json" in kind and _JSON_API.match(asked.path) and not media:
            return times.in_json(response.read(), origin=self.server.origin, front=self.server.url)
        if "xml" in kind and _BUCKET.fullmatch(asked.path):
            return times.in_listing(response.read())
        return None

    def _header(self, name: str, value: str, times: Times) -> str:
        if name in ("date", "last-modified"):
            return times.of_header(value)
        return (
            value.replace(self.server.origin, self.server.url, 1) if name == "location" else value
        )

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Write nothing: the server itself keeps the log."""


def _blocks(stream: IO[bytes] | Any, length: int) -> Iterator[bytes]:
    while length and (block := stream.read(min(_BLOCK, length))):
        length -= len(block)
        yield block


def _chunks(stream: IO[bytes] | Any) -> Iterator[bytes]:
    while size := int(stream.readline().partition(b";")[0], 16):
        yield from _blocks(stream, size)
        stream.readline()
    while stream.readline().strip():
        pass


def _copy(response: http.client.HTTPResponse, client: Any, *, chunked: bool) -> None:
    while block := response.read(_BLOCK):
        client.write(b"%x\r\n%s\r\n" % (len(block), block) if chunked else block)
    if chunked:
        client.write(b"0\r\n\r\n")
