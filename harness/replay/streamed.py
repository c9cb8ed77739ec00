"""Large bodies, sent as they are read: a transport whose other end is a file.

mitmproxy streams what comes from a server, and holds what an add-on gives it in memory. So a large
body comes from a server that is none: no socket is opened for it, and nothing is listening.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.replay.answer import Stretch

HOST = "file.mage-harness.invalid"
"""The host that stands for files; no name of this kind can exist (RFC 6761, 6.4)."""

# Twice what asyncio's reader holds before it asks for a pause.
_PIECE = 1 << 17
_LAST_PORT = 65_535


class FileServer:
    """Gives mitmproxy a connection to a file wherever it asks for ``HOST``."""

    def __init__(self) -> None:
        self._offered: dict[int, Stretch] = {}
        self._ports = itertools.cycle(range(1, _LAST_PORT + 1))

    def offer(self, stretch: Stretch) -> int:
        """Have a part of a file ready, and return the port at which it is read, once.

        Args:
            stretch: The part.

        Raises:
            OSError: As many are ready as there are ports.
        """
        if len(self._offered) == _LAST_PORT:
            raise OSError(f"{_LAST_PORT:,} bodies wait to be read")
        port = next(port for port in self._ports if port not in self._offered)
        self._offered[port] = stretch
        return port

    def withdraw(self, port: int) -> None:
        """Have a part ready no longer, if nobody has read it.

        Args:
            port: What ``offer`` returned.
        """
        self._offered.pop(port, None)

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer for ``HOST`` in place of the network.

        Args:
            loop: The loop that mitmproxy connects with.
        """
        connect = loop.create_connection

        async def connected(
            factory: Callable[[], asyncio.Protocol], host: Any = None, port: Any = None, **more: Any
        ) -> Any:
            if host != HOST or port not in self._offered:
                return await connect(factory, host, port, **more)
            # As any connection does: mitmproxy 12 starts its tasks at once, and reckons with it.
            await asyncio.sleep(0)
            protocol = factory()
            return FileTransport(self._offered.pop(port), protocol, loop=loop), protocol

        loop.create_connection = connected  # type: ignore[method-assign,assignment]


class FileTransport(asyncio.Transport):
    """Answers the one request that is written to it with a part of a file, then closes.

    Args:
        stretch: The part.
        protocol: Who reads it.
        loop: The loop of both.

    Raises:
        OSError: The file cannot be read.
    """

    def __init__(
        self, stretch: Stretch, protocol: asyncio.Protocol, *, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__({"peername": (HOST, 0), "sockname": (HOST, 0)})
        self._file: BinaryIO | None = stretch.file.open("rb")
        self._file.seek(stretch.start)
        self._left = stretch.size
        self._head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % stretch.announced
        self._protocol = protocol
        self._loop = loop
        self._paused = False
        self._asked = False
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the request: whatever it is, the answer is known."""
        if data and not self._asked:
            self._asked = True
            self._loop.call_soon(self._give)

    def pause_reading(self) -> None:
        """Give nothing until it is asked for."""
        self._paused = True

    def resume_reading(self) -> None:
        """Go on."""
        self._paused = False
        if self._asked:
            self._loop.call_soon(self._give)

    def is_closing(self) -> bool:
        """Whether the end was reached, or the reader has gone."""
        return self._file is None

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        """Let go of the file."""
        self.close()

    def can_write_eof(self) -> bool:
        """A request cannot be ended by half closing."""
        return False

    def _give(self) -> None:
        if self._file is None or self._paused:
            return
        head, self._head = self._head, b""
        piece = head or self._read()
        if not piece:
            # As a socket does: whoever reads says when it is closed. It would be told of a lost
            # connection otherwise while it has yet to read what is buffered.
            if not self._protocol.eof_received():
                self.close()
            return
        self._protocol.data_received(piece)
        if not self._paused:
            self._loop.call_soon(self._give)

    def _read(self) -> bytes:
        """The next piece; none at the end, and where the file cannot be read any further."""
        if self._file is None:
            return b""
        try:
            piece = self._file.read(min(_PIECE, self._left))
        except OSError:
            return b""
        self._left -= len(piece)
        return piece
