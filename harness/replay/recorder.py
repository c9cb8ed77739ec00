"""The mitmproxy add-on that lets requests through to their origins and keeps what came back."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from harness.replay import answer
from harness.replay.capture import FOLDER, Capture, Captures
from harness.replay.player import Player
from harness.replay.recording import Recording
from harness.replay.under_way import Begun, UnderWay
from harness.replay.urls import readable_url
from harness.replay.whole import OF_RANGES, Keeper, Wholes
from harness.replay.wire import as_response

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from mitmproxy import http
    from mitmproxy.proxy.server_hooks import ServerConnectionHookData

    from harness.replay.journal import Journal

# What mitmproxy says of a client that goes.
_LEFT = "Client disconnected"


class Recorder(Player):
    """Lets through what no file answers, and keeps it; known noise still goes nowhere.

    Args:
        journal: Where each request is logged.
        folder: A private folder for captures.
    """

    def __init__(self, journal: Journal, folder: Path) -> None:
        super().__init__(journal, folder)
        self._captures = Captures(folder / FOLDER)
        self._under_way = UnderWay()
        self._resolve: dict[str, tuple[str, int | None]] = {}
        self._wholes = Wholes()

    def load_programme(self, programme: Mapping[str, Any]) -> None:
        """Take what is played rather than asked for, and where hosts are asked for.

        Args:
            programme: As ``Player.load_programme`` has it, and ``resolve``: for a host, the
                address and port to connect to in its place, and ``match_headers``: the request
                headers that choose what is answered.
        """
        super().load_programme(programme)
        self._resolve = {
            host: (address, port) for host, (address, port) in programme["resolve"].items()
        }
        self._wholes = Wholes(programme["match_headers"])

    def http_connect(self, flow: http.HTTPFlow) -> None:
        """Let every tunnel be opened: what goes through it must be HTTP all the same."""

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """Let every connection be made."""

    def running(self) -> None:
        """Look names up as the programme says.

        The address of mitmproxy's server must stay the host's own: by it connections are used
        again, of which there are five at most.
        """
        super().running()
        loop = asyncio.get_running_loop()
        look_up = loop.getaddrinfo

        async def resolved(host: Any, port: Any, **hints: Any) -> Any:
            address, other = self._resolve.get(str(host), (host, None))
            return await look_up(address, other or port, **hints)

        loop.getaddrinfo = resolved  # type: ignore[method-assign]

    async def settled(self, seconds: float) -> None:
        """Wait until no answer is under way; tell of those that still are.

        Args:
            seconds: How long at the most.
        """
        for late in await self._under_way.settled(seconds):
            self._log(
                method=late.method,
                url=late.url,
                status=late.status,
                kind="refused",
                note="its answer was still under way when what was recorded was looked at",
            )

    async def request(self, flow: http.HTTPFlow) -> None:
        """Answer a request; one for a part waits while the whole is on its way for another."""
        asked = _asked(flow)
        if flow.request.method == "GET" and any(name in asked for name in OF_RANGES):
            # Nobody else gets a turn between this and the word that the whole is on its way.
            await self._wholes.settled(self._wholes.key(flow.request.url, asked))
        await super().request(flow)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Keep the body while it passes, so that its size costs no memory."""
        under_way = self._under_way.find(flow.id)
        if under_way is None or flow.response is None:
            super().responseheaders(flow)
            return
        under_way.status = flow.response.status_code
        under_way.headers = tuple(_texts(flow.response.headers.fields))
        length = flow.response.headers.get("content-length", "")
        in_part = under_way.whole is not None and under_way.status == HTTPStatus.OK
        if in_part and not length.isdigit():
            # Its size must be known before a part of it can be announced.
            return
        under_way.file = self._captures.new_file()
        part = None
        if in_part:
            given = answer.ranged(
                under_way.headers, file=under_way.file, size=int(length), asked=under_way.asked
            )
            part, flow.response = given.stretch, as_response(given)
        under_way.keeper = Keeper(under_way.file.open("wb"), part)
        flow.response.stream = under_way.keeper

    def response(self, flow: http.HTTPFlow) -> None:
        """Keep an answer that is whole."""
        under_way = self._under_way.end(flow.id)
        if under_way is None or flow.response is None:
            return
        capture = self._kept(flow, under_way)
        if under_way.whole is None:
            return
        whole = capture if capture is not None and capture.status == HTTPStatus.OK else None
        self._wholes.end(under_way.whole, whole)
        if whole is not None and under_way.file is None:
            flow.response = as_response(_part(whole, under_way.asked).held())

    def error(self, flow: http.HTTPFlow) -> None:
        """Keep an answer that broke off; tell of an origin that could not be reached."""
        under_way = self._under_way.end(flow.id)
        message = flow.error.msg if flow.error is not None else "the connection broke"
        if under_way is None:
            super().error(flow)
            return
        if under_way.whole is not None:
            self._wholes.end(under_way.whole, None)
        if flow.response is not None:
            self._kept(flow, under_way, broken=True)
        else:
            self._log(
                method=flow.request.method,
                url=flow.request.url,
                kind="unreachable",
                note=message,
            )

    def _unanswered(self, flow: http.HTTPFlow, *, url: str, headers: Mapping[str, str]) -> None:
        asked = dict(headers)
        under_way = Begun(at=time.time(), method=flow.request.method, url=url, asked=asked)
        if flow.request.method == "GET" and any(name in asked for name in OF_RANGES):
            under_way.whole = self._wholes.key(url, asked)
            fetched = self._wholes.find(under_way.whole)
            if fetched is not None:
                self._send(flow, _part(fetched, asked), url=url, kind="captured")
                return
            self._wholes.begin(under_way.whole)
            for name in OF_RANGES:
                flow.request.headers.pop(name, None)
        self._under_way.begin(flow.id, under_way)

    def _kept(
        self, flow: http.HTTPFlow, under_way: Begun, *, broken: bool = False
    ) -> Capture | None:
        """Keep an answer, or tell why it cannot be kept: without it the cassette is not whole."""
        try:
            capture = self._captured(flow, under_way, broken=broken)
        except OSError as error:
            self._log(
                method=flow.request.method,
                url=flow.request.url,
                status=under_way.status,
                kind="refused",
                note=f"its answer could not be kept: {error}",
            )
            return None
        self._log(
            method=capture.method,
            url=capture.url,
            status=capture.status,
            size=0 if capture.body is None else capture.body.stat().st_size,
            kind="captured",
            note="the connection broke before the answer was whole" if broken else "",
        )
        return capture

    def _captured(self, flow: http.HTTPFlow, under_way: Begun, *, broken: bool) -> Capture:
        response = flow.response
        if response is None:
            raise ValueError("an exchange without an answer is not kept")
        if under_way.keeper is not None:
            under_way.keeper.close()
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
            status=under_way.status,
            headers=under_way.headers,
            body=body,
            broken=broken,
            left=broken and flow.error is not None and flow.error.msg.startswith(_LEFT),
        )
        self._captures.add(capture)
        return capture


def _part(capture: Capture, asked: Mapping[str, str]) -> answer.Answer:
    """What a replay would give a client that asks for a part."""
    whole = Recording(
        method="GET",
        url=capture.url,
        status=capture.status,
        headers=capture.headers,
        body=capture.body,
    )
    return answer.recorded(whole, method="GET", headers=asked)


def _asked(flow: http.HTTPFlow) -> dict[str, str]:
    return {name.lower(): text for name, text in _texts(flow.request.headers.fields)}


def _texts(fields: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    """As Latin-1, in which each byte is one character, so that the same bytes can be sent again."""
    for name, text in fields:
        yield name.decode("ascii", "replace"), text.decode("latin-1")
