"""The mitmproxy add-on that lets requests through to their origins and keeps what came back."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, BinaryIO

from harness.replay import answer
from harness.replay.capture import FOLDER, Capture, Captures
from harness.replay.player import Player, as_response
from harness.replay.recording import Recording
from harness.replay.urls import readable_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from mitmproxy import http
    from mitmproxy.proxy.server_hooks import ServerConnectionHookData

    from harness.replay.journal import Journal

# What the whole body is asked for instead, so that one recording answers every range of it.
_OF_RANGES = ("range", "if-range")


@dataclass(kw_only=True)
class _Open:
    """One exchange that is under way.

    Attributes:
        at: When the request came, in seconds since the epoch.
        asked: The request's headers as the client sent them, by name in lower case.
        file: Where the body is kept while it passes; None where it is held back.
        stream: The file, open.
    """

    at: float
    asked: Mapping[str, str]
    file: Path | None = None
    stream: BinaryIO | None = None


class Recorder(Player):
    """Lets through what no file answers, and keeps it; known noise still goes nowhere.

    Args:
        journal: Where each request is logged.
        folder: A private folder for captures.
    """

    def __init__(self, journal: Journal, folder: Path) -> None:
        super().__init__(journal, folder)
        self._captures = Captures(folder / FOLDER)
        self._open: dict[str, _Open] = {}
        self._resolve: dict[str, tuple[str, int | None]] = {}

    def load_programme(self, programme: Mapping[str, Any]) -> None:
        """Take what is played rather than asked for, and where hosts are asked for.

        Args:
            programme: As ``Player.load_programme`` has it, and ``resolve``: for a host, the
                address and port to connect to in its place.
        """
        super().load_programme(programme)
        self._resolve = {
            host: (address, port) for host, (address, port) in programme["resolve"].items()
        }

    def http_connect(self, flow: http.HTTPFlow) -> None:
        """Let every tunnel be opened: what goes through it must be HTTP all the same."""

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """Let every connection be made."""

    def running(self) -> None:
        """Look names up as the programme says.

        The address of mitmproxy's server must stay the host's own: by it connections are used
        again, of which there are five at most.
        """
        loop = asyncio.get_running_loop()
        look_up = loop.getaddrinfo

        async def resolved(host: Any, port: Any, **hints: Any) -> Any:
            address, other = self._resolve.get(str(host), (host, None))
            return await look_up(address, other or port, **hints)

        loop.getaddrinfo = resolved  # type: ignore[method-assign]

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Keep the body while it passes, so that its size costs no memory."""
        under_way = self._open.get(flow.id)
        if under_way is None or flow.response is None:
            return
        if any(name in under_way.asked for name in _OF_RANGES):
            return
        under_way.file = self._captures.new_file()
        under_way.stream = under_way.file.open("wb")
        stream = under_way.stream

        def pass_on(data: bytes) -> list[bytes]:
            stream.write(data)
            # The end is told with no data; passed on, it would be a second end of a chunked body.
            return [data] if data else []

        flow.response.stream = pass_on

    def response(self, flow: http.HTTPFlow) -> None:
        """Keep an answer that is whole."""
        under_way = self._open.pop(flow.id, None)
        if under_way is None or flow.response is None:
            return
        capture = self._kept(flow, under_way)
        if under_way.file is None:
            self._send_part(flow, capture, asked=under_way.asked)

    def error(self, flow: http.HTTPFlow) -> None:
        """Keep an answer that broke off; tell of an origin that could not be reached."""
        under_way = self._open.pop(flow.id, None)
        message = flow.error.msg if flow.error is not None else "the connection broke"
        if under_way is None:
            super().error(flow)
        elif flow.response is not None:
            self._kept(flow, under_way, broken=True)
        else:
            self._log(
                method=flow.request.method,
                url=flow.request.url,
                kind="unreachable",
                note=message,
            )

    def _unanswered(self, flow: http.HTTPFlow, *, url: str) -> None:  # noqa: ARG002
        headers = flow.request.headers
        asked = {name.lower(): text for name, text in _texts(headers.fields)}
        self._open[flow.id] = _Open(at=time.time(), asked=asked)
        if flow.request.method == "GET":
            for name in _OF_RANGES:
                headers.pop(name, None)

    def _kept(self, flow: http.HTTPFlow, under_way: _Open, *, broken: bool = False) -> Capture:
        response = flow.response
        if response is None:
            raise ValueError("an exchange without an answer is not kept")
        if under_way.stream is not None:
            under_way.stream.close()
        body = under_way.file or self._captures.kept(response.raw_content)
        if body is not None and body.stat().st_size == 0:
            body.unlink()
            body = None
        capture = Capture(
            at=under_way.at,
            method=flow.request.method.upper(),
            url=readable_url(flow.request.url),
            request_headers=tuple(under_way.asked.items()),
            request_body=self._captures.kept(flow.request.raw_content),
            status=response.status_code,
            headers=tuple(_texts(response.headers.fields)),
            body=body,
            broken=broken,
        )
        self._captures.add(capture)
        self._log(
            method=capture.method,
            url=capture.url,
            status=capture.status,
            size=0 if body is None else body.stat().st_size,
            kind="captured",
            note="the connection broke before the answer was whole" if broken else "",
        )
        return capture

    def _send_part(
        self, flow: http.HTTPFlow, capture: Capture, *, asked: Mapping[str, str]
    ) -> None:
        """Give a client that asked for a range what a replay would give it."""
        if capture.status != HTTPStatus.OK or capture.method != "GET":
            return
        whole = Recording(
            method="GET",
            url=capture.url,
            status=capture.status,
            headers=capture.headers,
            body=capture.body,
        )
        flow.response = as_response(answer.recorded(whole, method="GET", headers=asked))


def _texts(fields: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    """As Latin-1, in which each byte is one character, so that the same bytes can be sent again."""
    for name, text in fields:
        yield name.decode("ascii", "replace"), text.decode("latin-1")
