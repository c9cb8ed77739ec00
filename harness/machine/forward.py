"""An address of this process that leads to another one: TCP, byte for byte, both ways."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import threading
from typing import TYPE_CHECKING, Self

from harness.errors import EnvironmentNotAbleError

if TYPE_CHECKING:
    from types import TracebackType

_PIECE = 1 << 18
_BACKLOG = 512


class Forwarder:
    """Forwards connections in a thread of its own; a context manager that ends them all.

    Args:
        listen: The address to listen on; port 0 for a free one.
        to: Where connections lead.

    Attributes:
        host: The address that it listens on.
        port: The port that it listens on; the wanted one before ``start``.
    """

    def __init__(self, *, listen: tuple[str, int], to: tuple[str, int]) -> None:
        self.host, self.port = listen
        self._to = to
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, and return when connections are taken. A second call does nothing.

        Raises:
            EnvironmentNotAbleError: The port is taken, or the address is not of this machine.
        """
        if self._thread is not None:
            return
        listener = self._listener()
        self.port = int(listener.getsockname()[1])
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=_serve, args=(self._loop, listener, self._to), daemon=True, name="forwarder"
        )
        self._thread.start()

    def stop(self) -> None:
        """Close all connections, and the port. Safe to call twice, or before ``start``."""
        thread, self._thread = self._thread, None
        loop, self._loop = self._loop, None
        if thread is not None and loop is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()

    def _listener(self) -> socket.socket:
        try:
            return socket.create_server((self.host, self.port), backlog=_BACKLOG)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            raise EnvironmentNotAbleError(
                f"{self.host}:{self.port} cannot be listened on",
                cause="another process listens there" if taken else str(error.strerror or error),
                evidence=[f"it was to lead to {self._to[0]}:{self._to[1]}"],
                remedy="end that process, set another port in [tool.mage-harness.ports], or "
                "remove the setting"
                if taken
                else "set another port in [tool.mage-harness.ports], or remove the setting",
            ) from error


def _serve(loop: asyncio.AbstractEventLoop, listener: socket.socket, to: tuple[str, int]) -> None:
    asyncio.set_event_loop(loop)
    listener.setblocking(False)  # noqa: FBT003 - its only way
    accepting = loop.create_task(_accept(loop, listener, to))
    try:
        loop.run_forever()
    finally:
        listener.close()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, accepting, return_exceptions=True))
        loop.close()


async def _accept(
    loop: asyncio.AbstractEventLoop, listener: socket.socket, to: tuple[str, int]
) -> None:
    connections: set[asyncio.Task[None]] = set()
    while True:
        try:
            near, _ = await loop.sock_accept(listener)
        except OSError:
            # Out of file descriptors, or the other side has gone again.
            await asyncio.sleep(0.05)
            continue
        task = loop.create_task(_connect(loop, near, to))
        connections.add(task)
        task.add_done_callback(connections.discard)


async def _connect(
    loop: asyncio.AbstractEventLoop, near: socket.socket, to: tuple[str, int]
) -> None:
    with near, contextlib.suppress(OSError):
        found = await loop.getaddrinfo(*to, type=socket.SOCK_STREAM)
        far = await _reached(loop, [(kind, address) for kind, _, _, _, address in found])
        with far:
            for side in (near, far):
                side.setblocking(False)  # noqa: FBT003 - its only way
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ways = [loop.create_task(_copy(loop, *way)) for way in ((near, far), (far, near))]
            try:
                await asyncio.gather(*ways)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)


async def _reached(
    loop: asyncio.AbstractEventLoop, places: list[tuple[socket.AddressFamily, tuple[object, ...]]]
) -> socket.socket:
    """A connection to the first address that takes one."""
    refusal = OSError("no address")
    for kind, address in places:
        far = socket.socket(kind, socket.SOCK_STREAM)
        far.setblocking(False)  # noqa: FBT003 - its only way
        try:
            await loop.sock_connect(far, address)
        except OSError as error:
            far.close()
            refusal = error
        except BaseException:
            far.close()
            raise
        else:
            return far
    raise refusal


async def _copy(
    loop: asyncio.AbstractEventLoop, source: socket.socket, target: socket.socket
) -> None:
    """One way of a connection; its end is passed on, and the other way may go on."""
    while piece := await loop.sock_recv(source, _PIECE):
        await loop.sock_sendall(target, piece)
    target.shutdown(socket.SHUT_WR)
