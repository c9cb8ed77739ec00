"""The mitmproxy add-ons that give requests the trouble that a test has declared."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

from harness.replay.answer import Answer
from harness.replay.wire import as_response

if TYPE_CHECKING:
    from mitmproxy import http


class Troubled:
    """Asks the harness about each request, before it is answered; nobody as long as not told to.

    Args:
        descriptor: A socket that leads to the harness: this process can open no connection.

    Attributes:
        asks: Whether to ask.
    """

    def __init__(self, descriptor: int) -> None:
        self.asks = False
        self._descriptor = descriptor
        self._lock = asyncio.Lock()
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(self, flow: http.HTTPFlow) -> None:
        """Refuse a request, end its connection, or hold it up."""
        trouble = await self.asked(flow)
        if not trouble:
            return
        if trouble["seconds"]:
            await asyncio.sleep(trouble["seconds"])
        elif trouble["status"]:
            flow.response = as_response(_answer(trouble["status"]))
        else:
            flow.kill()  # type: ignore[no-untyped-call]

    async def asked(self, flow: http.HTTPFlow, *, size: int = 0) -> dict[str, Any]:
        """The trouble that a request meets, or nothing.

        Args:
            flow: The request.
            size: Bytes of the body that is about to be sent; 0 where nothing is yet.
        """
        if not self.asks:
            return {}
        question = {"method": flow.request.method.upper(), "url": flow.request.pretty_url}
        async with self._lock:
            if self._line is None:
                line = socket.socket(fileno=self._descriptor)
                self._line = await asyncio.open_connection(sock=line)
            reader, writer = self._line
            writer.write(json.dumps({**question, "size": size}).encode() + b"\n")
            told: dict[str, Any] = json.loads(await reader.readline())
        return told


class BrokenOff:
    """Has answers announced whole and sent in part; behind whatever answers.

    Args:
        troubled: Knows which.
    """

    def __init__(self, troubled: Troubled) -> None:
        self._troubled = troubled

    async def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Shorten a body, and have the connection end after it."""
        response = flow.response
        if not self._troubled.asks or response is None:
            return
        size = int(response.headers.get("content-length", "0"))
        trouble = await self._troubled.asked(flow, size=size) if size else {}
        if trouble:
            response.headers["connection"] = "close"
            if response.stream:
                response.stream = _First(trouble["cut"])
            else:
                response.raw_content = (response.raw_content or b"")[: trouble["cut"]]


class _First:
    """So many bytes of a body that is sent in pieces."""

    def __init__(self, size: int) -> None:
        self._left = size

    def __call__(self, piece: bytes) -> bytes:
        kept = piece[: self._left]
        self._left -= len(kept)
        return kept


def _answer(status: int) -> Answer:
    body = f"mage-harness: declared fault {status}\n".encode()
    headers = (("content-type", "text/plain"), ("content-length", str(len(body))))
    return Answer(status=status, headers=headers, body=body)
