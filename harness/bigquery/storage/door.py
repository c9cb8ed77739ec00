"""One port for both of BigQuery's APIs: who speaks HTTP/2 from the start is led to gRPC.

REST clients speak HTTP/1.1, gRPC clients begin with the preface of HTTP/2 (RFC 9113, 3.4), so the
first bytes tell. So one address, the one that ``BIGQUERY_EMULATOR_HOST`` names, leads everywhere
where it leads at all: also out of a container and through a forwarder.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from harness.machine.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.rest.spool import Spool
    from harness.bigquery.storage.server import StorageServer

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# So much waits for a slow reader before the other side is told to wait.
_BUFFERED = 4 << 20
# A part of a resumable upload from this size on is written down while it comes.
_LARGE = 1 << 20


class Door(H11Protocol):
    """A connection of a client: HTTP/1.1 is answered here.

    What a large upload holds is as long as its head says, so that nothing of it needs to be parsed:
    it goes into a file, ``spool`` of the scope. h11 and ASGI's messages would copy it many times.

    Args:
        storage: Where gRPC is answered.
        spool: Makes the file of a large upload.
        known: What uvicorn gives its protocols.
    """

    def __init__(self, *, storage: StorageServer, spool: Callable[[], Spool], **known: Any) -> None:
        super().__init__(**known)
        self._storage = storage
        self._new_spool = spool
        self._spool: Spool | None = None
        self._missing = 0
        self._begin: bytes | None = b""

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if self._missing:
            self._write_down(data)
            return
        if self._begin is None:
            self._parse(data)
            return
        self._begin += data
        if self._begin.startswith(_PREFACE):
            self.connections.discard(self)
            Relay(self.transport, self._begin, self._storage, self.connections).open()
        elif not _PREFACE.startswith(self._begin):
            begin, self._begin = self._begin, None
            self._parse(begin)

    def _parse(self, data: bytes) -> None:
        before = self.cycle
        super().data_received(data)
        # Of an upload whose head has just come nobody has taken anything yet.
        if self.cycle is before or self.conn.their_state is not h11.SEND_BODY:
            return
        length = _large_upload(self.scope)
        if length:
            self._spool = self.scope["spool"] = self._new_spool()  # type: ignore[typeddict-unknown-key]
            self.conn = self.cycle.conn = _after_the_body()
            self._missing = length
            body, self.cycle.body = bytes(self.cycle.body), bytearray()
            self._write_down(body)
            self.flow.resume_reading()

    def _write_down(self, data: bytes) -> None:
        """Take more of a large upload; what stands behind it is the next call."""
        if self._spool is None:
            return
        piece, behind = data[: self._missing], data[self._missing :]
        self._missing -= len(piece)
        self._spool.write(piece)
        if not self._missing:
            self.cycle.more_body = False
            self.cycle.message_event.set()
            if behind:
                self._parse(behind)


def _large_upload(scope: Any) -> int:
    """The length of a large part of a resumable upload; 0 for what is none."""
    if scope["method"] != "PUT" or not scope["raw_path"].startswith(b"/upload/"):
        return 0
    headers = dict(scope["headers"])
    length = int(headers.get(b"content-length", 0))
    ends = scope["http_version"] != "1.1" or b"close" in headers.get(b"connection", b"").lower()
    packed = b"content-encoding" in headers
    return 0 if length < _LARGE or ends or packed else length


def _after_the_body() -> h11.Connection:
    """What h11 knows of a connection when a call has come wholly and its answer is to be sent."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
    connection.next_event()
    connection.next_event()
    return connection


class Relay:
    """A connection that is passed on to gRPC's own port.

    Args:
        near: The client's side.
        begin: What it has sent.
        storage: Where gRPC is answered.
        connections: The server's connections, which it ends when it stops.
    """

    def __init__(
        self,
        near: asyncio.Transport,
        begin: bytes,
        storage: StorageServer,
        connections: set[Any],
    ) -> None:
        self.near = near
        self.far: asyncio.Transport | None = None
        self._begin = begin
        self._storage = storage
        self._connections = connections
        self._opening: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Connect, and pass on from then on."""
        self._connections.add(self)
        self.near.pause_reading()
        self.near.set_protocol(_Side(self, near=True))
        self.near.set_write_buffer_limits(high=_BUFFERED)
        self._opening = asyncio.get_running_loop().create_task(self._open())

    def shutdown(self) -> None:
        """End it, as uvicorn asks its connections to."""
        self._connections.discard(self)
        if self._opening is not None:
            self._opening.cancel()
        for side in (self.near, self.far):
            if side is not None:
                side.close()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            # Its first call imports gRPC, for which nobody else is to wait.
            port = await loop.run_in_executor(None, self._storage.port)
            self.far, _ = await loop.create_connection(lambda: _Side(self, near=False), HOST, port)
        except (OSError, RuntimeError):
            self.shutdown()
            return
        self.far.set_write_buffer_limits(high=_BUFFERED)
        self.far.write(self._begin)
        self.near.resume_reading()


class _Side(asyncio.Protocol):
    """One side of a relay."""

    def __init__(self, relay: Relay, *, near: bool) -> None:
        self._relay = relay
        self._is_near = near

    @property
    def _other(self) -> asyncio.Transport | None:
        return self._relay.far if self._is_near else self._relay.near

    def data_received(self, data: bytes) -> None:
        if self._other is not None:
            self._other.write(data)

    def pause_writing(self) -> None:
        if self._other is not None:
            self._other.pause_reading()

    def resume_writing(self) -> None:
        if self._other is not None and not self._other.is_closing():
            self._other.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._relay.shutdown()
