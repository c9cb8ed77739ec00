"""What a client asks of PostgreSQL, read from its wire protocol (version 3).

Source: "Message Formats" of PostgreSQL's manual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from harness.gates.gate import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.gates.gate import Reader, Send

_CANCEL = 80877102
_PROTOCOL = 3
# A value of so many bytes names no table.
_LONGEST = 4096


@dataclass(frozen=True, kw_only=True)
class Greeting:
    """A message of a client that has no session yet.

    Attributes:
        sent: The whole message.
        code: What it asks for.
    """

    sent: bytes
    code: int

    @property
    def starts(self) -> bool:
        """Whether a session begins with it."""
        return self.code >> 16 == _PROTOCOL

    @property
    def cancels(self) -> bool:
        """Whether it only cancels what another session does."""
        return self.code == _CANCEL


def requests_of(statement: Callable[[str], None], value: Callable[[str], None]) -> Reader:
    """A reader for a gate.

    Args:
        statement: Told each statement before the server gets it.
        value: Told the parameters of a statement, likewise.
    """

    def read(stream: BinaryIO, send: Send, _answer: Send) -> None:
        for message in greeting(stream):
            send(message.sent)
            if message.cancels:
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


def greeting(stream: BinaryIO) -> Iterator[Greeting]:
    """What a client says before its first statement.

    Args:
        stream: What it sends.
    """
    while head := stream.read(4):
        body = exactly(stream, int.from_bytes(head, "big") - 4)
        message = Greeting(sent=head + body, code=int.from_bytes(body[:4], "big"))
        yield message
        if message.starts or message.cancels:
            return


def _text(body: bytes) -> str:
    return body.partition(b"\0")[0].decode("utf-8", "replace")
