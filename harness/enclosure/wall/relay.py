"""Bytes from one connection to another and back, without copying them into this process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
import threading

_PIPE_SIZE = 1 << 20
_PIECE = 1 << 20
_RESET = struct.pack("ii", 1, 0)


def serve(listening: socket.socket, to: tuple[str, int]) -> None:
    """Take connections for ever, and lead each to an address outside, in threads of their own.

    Args:
        listening: Listens inside the namespace.
        to: Host and port outside.
    """
    while True:
        try:
            near, _ = listening.accept()
        except OSError:
            # The other side has gone again, or there are too many descriptors for now.
            continue
        threading.Thread(target=_lead, args=(near, to), daemon=True).start()


def _lead(near: socket.socket, to: tuple[str, int]) -> None:
    try:
        far = socket.create_connection(to)
    except OSError:
        _abort(near)
        return
    for side in (near, far):
        side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    back = threading.Thread(target=_carry, args=(far, near), daemon=True)
    back.start()
    _carry(near, far)
    back.join()
    near.close()
    far.close()


def _carry(source: socket.socket, target: socket.socket) -> None:
    """One way of a connection; its end is passed on, and so is its breaking off."""
    reading, writing = os.pipe()
    try:
        with contextlib.suppress(OSError):
            # More than the user's share of pipes is refused, and the usual size does as well.
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
        while count := os.splice(source.fileno(), writing, _PIECE):
            while count:
                count -= os.splice(reading, target.fileno(), count)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for side in (source, target):
            with contextlib.suppress(OSError):
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                side.shutdown(socket.SHUT_RDWR)
    finally:
        os.close(reading)
        os.close(writing)


def _abort(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    connection.close()
