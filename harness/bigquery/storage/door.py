"""One port for both of BigQuery's APIs: who speaks HTTP/2 from the start is led to gRPC.

REST clients speak HTTP/1.1, gRPC clients begin with the preface of HTTP/2 (RFC 9113, 3.4), so the
first bytes tell. So one address, the one that ``BIGQUERY_EMULATOR_HOST`` names, leads everywhere
where it leads at all: also out of a container and through a forwarder.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from harness.machine.ports import HOST

if TYPE_CHECKING:
    from harness.bigquery.storage.server import StorageServer

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# So much waits for a slow reader before the other side is told to wait.
_BUFFERED = 4 << 20


class Door(H11Protocol):
    """A connection of a client: HTTP/1.1 is answered here.

    Args:
        storage: Where gRPC is answered.
        known: What uvicorn gives its protocols.
    """

    def __init__(self, *, storage: StorageServer, **known: Any) -> None:
        super().__init__(**known)
        self._storage = storage
        self._begin: bytes | None = b""

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if self._begin is None:
            super().data_received(data)
            return
        self._begin += data
        if self._begin.startswith(_PREFACE):
            self.connections.discard(self)
            Relay(self.transport, self._begin, self._storage, self.connections).open()
        elif not _PREFACE.startswith(self._begin):
            begin, self._begin = self._begin, None
            super().data_received(begin)


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
