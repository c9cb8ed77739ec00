"""As much of MySQL's protocol as it takes to make a database: clients need not be installed for it.

https://mariadb.com/docs/server/reference/clientserver-protocol
"""

import hashlib
import socket
import struct
from typing import Tuple

_PATIENCE = 30.0
# LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION and PLUGIN_AUTH.
_ABILITIES = 0x1 | 0x200 | 0x8000 | 0x80000
_LARGEST = 1 << 24
_UTF8MB4 = 45
_PLUGIN = b"mysql_native_password"
_QUERY = b"\x03"
_OK, _ERROR = 0x00, 0xFF


def make_database(name: str, *, host: str, port: int, user: str, password: str) -> bool:
    """Make a database if it is not there.

    Args:
        name: The database.
        host: The server's address.
        port: Its port.
        user: Who may make one.
        password: That user's password.

    Returns:
        Whether it was not there.

    Raises:
        OSError: The server cannot be reached, or refuses.
    """
    with socket.create_connection((host, port), timeout=_PATIENCE) as connection:
        number, greeting = _received(connection)
        answer = struct.pack("<IIB23x", _ABILITIES, _LARGEST, _UTF8MB4) + user.encode() + b"\0"
        proof = _proof(password, _scramble(greeting))
        answer += bytes([len(proof)]) + proof + _PLUGIN + b"\0"
        _send(connection, number + 1, answer)
        _accepted(connection)
        quoted = "`" + name.replace("`", "``") + "`"
        _send(connection, 0, _QUERY + ("CREATE DATABASE IF NOT EXISTS " + quoted).encode())
        # One that is there is no row that was affected.
        return bool(_accepted(connection)[1])


def _scramble(greeting: bytes) -> bytes:
    """What the server gives to hash the password with: 8 bytes, and 12 later."""
    if greeting[:1] == bytes([_ERROR]):
        raise ConnectionRefusedError(greeting[3:].decode("utf-8", "replace"))
    start = greeting.index(b"\0", 1) + 5
    # The rest of the abilities, the character set and the status, and what is kept free.
    later = start + 8 + 19
    return greeting[start : start + 8] + greeting[later : later + 12]


def _proof(password: str, scramble: bytes) -> bytes:
    once = hashlib.sha1(password.encode()).digest()  # noqa: S324 - the protocol's own
    twice = hashlib.sha1(once).digest()  # noqa: S324
    mask = hashlib.sha1(scramble + twice).digest()  # noqa: S324
    return bytes(one ^ other for one, other in zip(once, mask))  # noqa: B905 - Python 3.8


def _accepted(connection: socket.socket) -> bytes:
    _, content = _received(connection)
    if content[0] != _OK:
        raise ConnectionRefusedError(content[3:].decode("utf-8", "replace"))
    return content


def _send(connection: socket.socket, number: int, content: bytes) -> None:
    connection.sendall(struct.pack("<I", len(content))[:3] + bytes([number]) + content)


def _received(connection: socket.socket) -> Tuple[int, bytes]:
    head = _exactly(connection, 4)
    return head[3], _exactly(connection, int.from_bytes(head[:3], "little"))


def _exactly(connection: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        piece = connection.recv(count - len(content))
        if not piece:
            raise ConnectionResetError
        content += piece
    return content
