"""What a client asks of PostgreSQL, read from its wire protocol (version 3).

Source: "Message Formats" of PostgreSQL's manual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from harness.sources.gate import exactly

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.sources.gate import Reader, Send

_CANCEL = 80877102
_PROTOCOL = 3
# A value of so many bytes names no table.
_LONGEST = 4096


def requests_of(statement: Callable[[str], None], value: Callable[[str], None]) -> Reader:
    """A reader for a gate.

    Args:
        statement: Told each statement before the server gets it.
        value: Told the parameters of a statement, likewise.
    """

    def read(stream: BinaryIO, send: Send) -> None:
        if not _started(stream, send):
            return
        while head := stream.read(5):
            if len(head) < 5:  # noqa: PLR2004 - a kind and a length
                return
            body = exactly(stream, int.from_bytes(head[1:], "big") - 4)
            if head[:1] == b"Q":
                statement(_text(body))
            elif head[:1] == b"P":
                statement(_text(body.partition(b"\0")[2]))
            elif head[:1] == b"B" and len(body) < _LONGEST:
                value(body.decode("utf-8", "replace").replace("\0", " "))
            send(head + body)

    return read


def _started(stream: BinaryIO, send: Send) -> bool:
    """Pass the greeting on; False where it only cancels something."""
    while head := stream.read(4):
        body = exactly(stream, int.from_bytes(head, "big") - 4)
        send(head + body)
        code = int.from_bytes(body[:4], "big")
        if code >> 16 == _PROTOCOL:
            return True
        if code == _CANCEL:
            return False
    return False


def _text(body: bytes) -> str:
    return body.partition(b"\0")[0].decode("utf-8", "replace")
