"""What a client asks of Cloud Storage or BigQuery, read from HTTP/1.1 and, by names, from gRPC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from harness.gates.gate import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.gates.gate import Reader, Send

_PIECE = 1 << 18
# BigQuery takes queries of up to 1 MiB.
_LOOKED_AT = 2 << 20
_GRPC = b"PRI * HTTP/2.0\r\n"
_LONGEST_HEAD = 1 << 20
_LONGEST_NAME = 1 << 12
_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request, before the service has it.

    Attributes:
        method: The method; ``GRPC`` for bytes of HTTP/2, which are told as they come, with
            the last of those before.
        target: Path and query.
        body: The beginning of the body, up to 2 MiB.
    """

    method: str
    target: str
    body: bytes = b""


if TYPE_CHECKING:
    Ask = Callable[[Request], bytes | None]


def requests_of(ask: Ask) -> Reader:
    """A reader for a gate.

    Args:
        ask: Told each request before the server gets it; what it returns is answered instead,
            and the server gets nothing of that request. It cannot answer gRPC.
    """

    def read(stream: BinaryIO, send: Send, answer: Send) -> None:
        while line := stream.readline(_LONGEST_HEAD):
            if line == _GRPC:
                _raw(stream, send, line, ask)
                return
            head = [line]
            while head[-1] not in (b"\r\n", b"\n"):
                head.append(stream.readline(_LONGEST_HEAD))
                if not head[-1]:
                    return
            _one(stream, send, head, ask=ask, answer=answer)

    return read


def _one(stream: BinaryIO, send: Send, head: list[bytes], *, ask: Ask, answer: Send) -> None:
    method, target = [*head[0].decode("latin-1").split(" "), ""][:2]
    headers = _headers(head)
    size = int(headers.get("content-length", "0") or "0")
    if "100-continue" in headers.get("expect", "").lower():
        # The client waits for leave; the server must not give it once more.
        answer(_GO_ON)
        head = [line for line in head if not line.lower().startswith(b"expect:")]
    body = exactly(stream, min(size, _LOOKED_AT))
    instead = ask(Request(method=method, target=target, body=body))
    if instead is not None:
        send = _nowhere
    send(b"".join(head) + body)
    left = size - len(body)
    while left > 0:
        piece = exactly(stream, min(left, _PIECE))
        left -= len(piece)
        send(piece)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        _chunks(stream, send)
    if instead is not None:
        answer(instead)


def _nowhere(_piece: bytes) -> None:
    """What is answered by the gate is not sent on."""


def _headers(head: list[bytes]) -> Mapping[str, str]:
    pairs = (line.decode("latin-1").partition(":") for line in head[1:])
    return {name.strip().lower(): text.strip() for name, _, text in pairs}


def _chunks(stream: BinaryIO, send: Send) -> None:
    while line := stream.readline(_LONGEST_HEAD):
        send(line)
        size = int(line.partition(b";")[0].strip() or b"0", 16)
        if size == 0:
            break
        send(exactly(stream, size + 2))
    while line := stream.readline(_LONGEST_HEAD):
        send(line)
        if line in (b"\r\n", b"\n"):
            return


def _raw(stream: BinaryIO, send: Send, first: bytes, ask: Ask) -> None:
    """Bytes of HTTP/2: what a message names is in them as it is, be it in two pieces."""
    send(first)
    before = b""
    while piece := stream.read1(_PIECE):  # type: ignore[attr-defined]
        seen = before + piece
        ask(Request(method="GRPC", target="", body=seen))
        send(piece)
        before = seen[-_LONGEST_NAME:]
