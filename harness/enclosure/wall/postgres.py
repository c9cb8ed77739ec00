"""A door to the private PostgreSQL for whoever asks for another one: any user, any database.

It speaks the beginning of PostgreSQL's protocol (version 3.0) on both sides: to the client it is a
server that trusts everybody, to the server it is the pipelines' user. Then bytes go through. It is
for programs in C and other languages; clients in Python are led by the tap.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
import socket
import struct
from base64 import b64decode, b64encode
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from . import relay

_PATIENCE = 60.0
_LARGEST = 1 << 16
_STARTUP, _CANCEL = 196608, 80877102
_ENCRYPTIONS = (80877103, 80877104)
_OK, _CLEAR_TEXT, _MD5, _SASL, _SASL_GOES_ON, _SASL_ENDS = 0, 3, 5, 10, 11, 12
_MECHANISM = b"SCRAM-SHA-256"


class Login(NamedTuple):
    """The private server, and whom pipelines connect as."""

    host: str
    port: int
    user: str
    password: str
    database: str


class _RefusedError(Exception):
    """The server does not let the pipelines' user in; its own words are the content."""


def login_of(url: str) -> Login:
    """The server that a URL names.

    Args:
        url: ``postgresql://user:password@host:port/database``.
    """
    parts = urlsplit(url)
    texts = (parts.username, parts.password, parts.path.lstrip("/"))
    user, password, database = (unquote(text or "") for text in texts)
    return Login(parts.hostname or "", parts.port or 5432, user, password, database)


def lead(near: socket.socket, login: Login) -> None:
    """Serve one client, until one of both sides ends.

    Args:
        near: The connection of the client.
        login: The private server.
    """
    with near, contextlib.suppress(OSError, struct.error):
        near.settimeout(_PATIENCE)
        asked = _beginning(near)
        if asked is None:
            return
        with socket.create_connection((login.host, login.port), timeout=_PATIENCE) as far:
            if _knows(asked, login):
                far.sendall(_framed(asked))
            elif not _let_in(asked, near, far, login):
                return
            for side in (near, far):
                side.settimeout(None)
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            relay.both_ways(near, far)


def _knows(asked: bytes, login: Login) -> bool:
    """Whether the client asks for the pipelines' user, and signs in itself; or asks for an end."""
    return struct.unpack_from("!I", asked)[0] == _CANCEL or (
        _wishes(asked).get(b"user") == login.user.encode()
    )


def _let_in(asked: bytes, near: socket.socket, far: socket.socket, login: Login) -> bool:
    """Sign in for the client; False where the server refuses, which the client is told."""
    wishes = _wishes(asked)
    wishes |= {b"user": login.user.encode(), b"database": login.database.encode()}
    said = b"".join(b"%s\0%s\0" % pair for pair in wishes.items())
    far.sendall(_framed(asked[:4] + said + b"\0"))
    try:
        _sign_in(far, login)
    except _RefusedError as error:
        near.sendall(error.args[0])
        return False
    near.sendall(_message(b"R", struct.pack("!I", _OK)))
    return True


def _wishes(asked: bytes) -> dict[bytes, bytes]:
    """The parameters of a start-up message."""
    words = asked[4:].split(b"\0")
    return {name: value for name, value in zip(words[::2], words[1::2], strict=False) if name}


def _beginning(near: socket.socket) -> bytes | None:
    """The first message that is no question for encryption, which there is none of."""
    while True:
        (length,) = struct.unpack("!I", _exactly(near, 4))
        if not 8 <= length <= _LARGEST:  # noqa: PLR2004 - a length and a code
            return None
        content = _exactly(near, length - 4)
        (code,) = struct.unpack_from("!I", content)
        if code in (_STARTUP, _CANCEL):
            return content
        if code not in _ENCRYPTIONS:
            return None
        near.sendall(b"N")


def _sign_in(far: socket.socket, login: Login) -> None:
    """Answer what the server asks, until it lets the user in."""
    scram = _Scram(login.password)
    while True:
        kind, content = _received(far)
        if kind != b"R":
            raise _RefusedError(_message(kind, content))
        (asked,) = struct.unpack_from("!I", content)
        if asked == _OK:
            return
        if asked == _CLEAR_TEXT:
            far.sendall(_message(b"p", login.password.encode() + b"\0"))
        elif asked == _MD5:
            far.sendall(_message(b"p", _md5(login, content[4:8])))
        elif asked == _SASL:
            first = scram.first()
            head = _MECHANISM + b"\0" + struct.pack("!I", len(first))
            far.sendall(_message(b"p", head + first))
        elif asked == _SASL_GOES_ON:
            far.sendall(_message(b"p", scram.proof(content[4:])))
        elif asked != _SASL_ENDS:
            return


class _Scram:
    """The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without a channel's binding."""

    def __init__(self, password: str) -> None:
        self._password = password.encode()
        self._bare = b"n=,r=" + b64encode(secrets.token_bytes(18))

    def first(self) -> bytes:
        """The first message."""
        return b"n,," + self._bare

    def proof(self, challenge: bytes) -> bytes:
        """The answer to what the server sends then."""
        parts = dict(part.split(b"=", 1) for part in challenge.split(b","))
        salted = hashlib.pbkdf2_hmac(
            "sha256", self._password, b64decode(parts[b"s"]), int(parts[b"i"])
        )
        key = hmac.digest(salted, b"Client Key", "sha256")
        final = b"c=biws,r=" + parts[b"r"]
        said = b",".join((self._bare, challenge, final))
        signature = hmac.digest(hashlib.sha256(key).digest(), said, "sha256")
        mixed = bytes(one ^ other for one, other in zip(key, signature, strict=True))
        return final + b",p=" + b64encode(mixed)


def _md5(login: Login, salt: bytes) -> bytes:
    inner = hashlib.md5(f"{login.password}{login.user}".encode()).hexdigest()  # noqa: S324
    return b"md5" + hashlib.md5(inner.encode() + salt).hexdigest().encode() + b"\0"  # noqa: S324


def _received(far: socket.socket) -> tuple[bytes, bytes]:
    kind = _exactly(far, 1)
    (length,) = struct.unpack("!I", _exactly(far, 4))
    return kind, _exactly(far, length - 4)


def _exactly(connection: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        piece = connection.recv(count - len(content))
        if not piece:
            raise ConnectionResetError
        content += piece
    return content


def _message(kind: bytes, content: bytes) -> bytes:
    return kind + _framed(content)


def _framed(content: bytes) -> bytes:
    return struct.pack("!I", len(content) + 4) + content
