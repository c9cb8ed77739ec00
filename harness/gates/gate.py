"""An address that leads to a private service, and looks at each request before it gets there."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, BinaryIO, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    Send = Callable[[bytes], None]
    Reader = Callable[[BinaryIO, Send, Send], None]
    """Reads what one client sends, and sends it on to the service (first) or answers it itself
    (second), where the service has nothing left to answer on that connection."""

_PIECE = 1 << 18
# "Wait for nothing when it is closed": the other side is told of a reset.
_AT_ONCE = struct.pack("ii", 1, 0)


class CutError(ConnectionError):
    """The connection is to end at once, as if the network had failed."""


class Gate:
    """Passes connections on, byte for byte; a context manager that ends them all.

    A request is held until its reader sends it on: what it names can be fetched before that.

    Args:
        host: The address to listen on.
        to: Where connections lead.
        reader: Reads what a client sends, in a thread of each connection's own.

    Attributes:
        port: The port that it listens on; 0 before ``start``.
    """

    def __init__(self, *, host: str, to: tuple[str, int], reader: Reader) -> None:
        self.port = 0
        self._host = host
        self._to = to
        self._reader = reader
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._listener = socket.create_server((self._host, 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread(self._accept, self._listener)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            # A thread that waits in accept() is not woken by close().
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            left = list(self._open)
        for one in left:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            self._thread(self._serve, near)

    def _serve(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), socket.create_connection(self._to) as far:
            for side in (near, far):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {near, far}
            back = self._thread(_copy, far, near)
            try:
                with near.makefile("rb") as stream:
                    self._reader(stream, far.sendall, near.sendall)
            except CutError:
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                near.close()
            finally:
                with contextlib.suppress(OSError):
                    far.shutdown(socket.SHUT_WR)
                back.join()
                with self._lock:
                    self._open -= {near, far}

    def _thread(self, work: Callable[..., None], *arguments: socket.socket) -> threading.Thread:
        thread = threading.Thread(
            target=work, args=arguments, daemon=True, name="mage-harness-gate"
        )
        thread.start()
        return thread


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    # The server has ended the connection, so the client shall not wait for it.
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def exactly(stream: BinaryIO, size: int) -> bytes:
    """So many bytes.

    Raises:
        ConnectionError: The connection ended before.
    """
    found = stream.read(size)
    if len(found) < size:
        raise ConnectionError("the client ended the connection within a request")
    return found
