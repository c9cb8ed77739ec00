"""Bytes from one connection to another and back, without copying them into this process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE = 60.0
"""Seconds to wait for an address outside to answer."""
_PAUSE = 0.01
_PIPE_SIZE = 1 << 20
_PIECE = 1 << 20
_RESET = struct.pack("ii", 1, 0)


def serve(listening: socket.socket, lead: Callable[[socket.socket], None]) -> None:
    """Take connections for ever, and lead each outside, in threads of their own.

    Args:
        listening: Listens inside the namespace.
        lead: Leads one, and closes it.
    """
    while True:
        try:
            near, _ = listening.accept()
        except OSError:
            # The other side has gone again, or there are too many descriptors for now.
            time.sleep(_PAUSE)
            continue
        try:
            threading.Thread(target=lead, args=(near,), daemon=True).start()
        except RuntimeError:
            # There are too many threads for now.
            _abort(near)


def lead_to(near: socket.socket, to: tuple[str, int]) -> None:
    """Lead a connection to an address outside, until one of both sides ends.

    Args:
        near: The connection.
        to: Host and port outside.
    """
    try:
        far = socket.create_connection(to, timeout=_PATIENCE)
    except OSError:
        _abort(near)
        return
    far.settimeout(None)
    with near, far:
        for side in (near, far):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        both_ways(near, far)


def both_ways(near: socket.socket, far: socket.socket) -> None:
    """Carry what either side sends to the other, until both have ended."""
    back = threading.Thread(target=_carry, args=(far, near), daemon=True)
    try:
        back.start()
    except RuntimeError:
        _break_off(near, far)
        return
    _carry(near, far)
    back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    """One way of a connection; its end is passed on, and so is its breaking off."""
    try:
        with _pipe() as (reading, writing):
            while count := os.splice(source.fileno(), writing, _PIECE):
                while count:
                    count -= os.splice(reading, target.fileno(), count)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        _break_off(source, target)


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    try:
        with contextlib.suppress(OSError):
            # More than the user's share of pipes is refused, and the usual size does as well.
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
        yield reading, writing
    finally:
        os.close(reading)
        os.close(writing)


def _break_off(*sides: socket.socket) -> None:
    for side in sides:
        with contextlib.suppress(OSError):
            side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            side.shutdown(socket.SHUT_RDWR)


def _abort(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.close()
