"""The mitmproxy add-on that answers every request from recordings and mapped files."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from harness.replay import answer, refusals
from harness.replay.difference import nearest_difference
from harness.replay.encoded import Encoder
from harness.replay.journal import Exchange, Journal, Kind
from harness.replay.library import Library
from harness.replay.recording import Recording
from harness.replay.streamed import HOST, FileServer
from harness.replay.urls import masked, normalised
from harness.replay.wire import as_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mitmproxy import http
    from mitmproxy.proxy.server_hooks import ServerConnectionHookData
    from mitmproxy.tls import TlsData

# A tunnel to these ports carries TLS or HTTP, so that a refusal can name the URL inside it.
_WEB_PORTS = frozenset((80, 443))
# (host, end of the path) of what clients ask for by themselves, in the background.
_NOISE = (
    ("iamcredentials.googleapis.com", "/allowedLocations"),  # google-auth's trust boundaries
    ("metadata.google.internal", ""),  # google-auth: am I on Compute Engine?
    ("169.254.169.254", ""),  # the same, by address
    ("api.mage.ai", "/usage_statistics"),  # Mage's own telemetry
    ("stats.greatexpectations.io", "/usage_statistics"),  # that of Great Expectations
    ("telemetry.scalevector.ai", ""),  # that of dlt
    ("config.mlflow-telemetry.io", ""),  # that of MLflow, which sends nothing without an answer
)
_BACKGROUND = frozenset(host for host, _ in _NOISE)
_NOT_TRUSTED = "The client does not trust"
"""In mitmproxy's words, where the client has said why it hangs up."""


class Player:
    """Answers requests; nothing is ever forwarded.

    Args:
        journal: Where each request is logged.
        folder: A private folder for bodies that are coded again.
    """

    def __init__(self, journal: Journal, folder: Path) -> None:
        self._journal = journal
        self._encoder = Encoder(folder / "coded")
        self._library = Library(())
        self._programmed: dict[str, str] = {}
        self._files: dict[str, Path] = {}
        self._recorded: frozenset[str] = frozenset()
        self._authorities: frozenset[str] = frozenset()
        self._played: dict[tuple[Recording, ...], int] = {}
        self._server = FileServer()
        self._streamed: dict[str, answer.Answer] = {}

    def load_programme(self, programme: Mapping[str, Any]) -> None:
        """Take what is to be played, from its beginning, with an empty log.

        Args:
            programme: ``recordings`` (as ``Recording.as_json``) and ``files`` (URL to path).
        """
        self._library = Library(map(Recording.from_json, programme["recordings"]))
        self._recorded = frozenset(_authority(value["url"]) for value in programme["recordings"])
        self._programmed = dict(programme["files"])
        self.rewind()

    def rewind(self) -> None:
        """Play from the beginning, with the programme's own files and an empty log."""
        self._files = {}
        self._authorities = self._recorded
        self._played = {}
        self._journal.clear()
        for url, path in self._programmed.items():
            self.map(url, path)

    def map(self, url: str, path: str) -> None:
        """Serve a file for a URL, before any recording of it."""
        self._files[normalised(url)] = Path(path)
        self._authorities |= {_authority(url)}

    def running(self) -> None:
        """Have large bodies come from their files."""
        self._server.install(asyncio.get_running_loop())

    async def settled(self, seconds: float) -> None:
        """Wait until no answer is under way: what this one answers is logged before it is sent.

        Args:
            seconds: How long at the most.
        """

    def http_connect(self, flow: http.HTTPFlow) -> None:
        """Refuse tunnels that could only lead to something other than the web."""
        host, port = flow.request.host, flow.request.port
        if port not in _WEB_PORTS and f"{host}:{port}" not in self._authorities:
            self._refuse(flow, url=f"{host}:{port}", cause="it is a tunnel to another protocol")

    async def request(self, flow: http.HTTPFlow) -> None:
        """Answer a request, unless it was answered or ended on purpose."""
        if flow.response is not None or flow.error is not None:
            return
        request = flow.request
        url, method = request.url, request.method.upper()
        headers = {
            name.decode("ascii", "replace").lower(): text.decode("latin-1")
            for name, text in request.headers.fields
        }
        if headers.get("upgrade", "").lower() == "websocket":
            self._refuse(flow, url=url, cause="a WebSocket cannot be recorded")
            return
        try:
            found = self._find(method, url, headers, request.raw_content or b"")
        except OSError as error:
            self._refuse(flow, url=url, kind="unrecorded", cause=f"its file is gone ({error})")
            return
        if found is not None:
            self._send(flow, found[0], url=url, **found[1])
        elif _is_noise(request.host, request.path):
            self._send(flow, refusals.absent(), url=url, kind="noise")
        else:
            self._unanswered(flow, url=url, headers=headers)

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Send a large body as it is read, with the headers of its answer."""
        given = self._streamed.pop(flow.id, None)
        if given is not None:
            flow.response = as_response(given)
            flow.response.stream = True

    def tls_failed_client(self, data: TlsData) -> None:
        """Log a client that does not accept the certificate: it would blame the network."""
        host = data.conn.sni or (data.context.server.address or ("unknown",))[0]
        why = data.conn.error or "the TLS handshake failed"
        if host in _BACKGROUND and _NOT_TRUSTED not in why:
            # Its thread was still at it when the process ended.
            return
        self._log(method="CONNECT", url=f"https://{host}/", kind="untrusted", note=why)

    def error(self, flow: http.HTTPFlow) -> None:
        """Log what mitmproxy refused by itself, such as a scheme that is not HTTP."""
        if self._streamed.pop(flow.id, None) is not None:
            self._server.withdraw(flow.request.port)
        killed = flow.error is not None and flow.error.msg == flow.error.KILLED_MESSAGE
        if flow.response is None and flow.error is not None and not killed:
            self._log(
                method=flow.request.method,
                url=flow.request.url,
                kind="refused",
                note=flow.error.msg,
            )

    def server_connect(self, data: ServerConnectionHookData) -> None:
        """Refuse any connection to an origin, should one ever be tried."""
        if data.server.address and data.server.address[0] == HOST:
            return
        data.server.error = "mage-harness: nothing may leave this machine"
        host, port, *_ = data.server.address or ("unknown", 0)
        self._log(method="CONNECT", url=f"{host}:{port}", kind="refused", note=data.server.error)

    def _find(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[answer.Answer, dict[str, Any]] | None:
        file = self._files.get(normalised(url))
        if file is not None and method in ("GET", "HEAD"):
            return answer.mapped(file, method=method, headers=headers), {"kind": "file"}
        found = self._library.find(method, url, headers=headers, body=body)
        if not found:
            return None
        played = self._played.get(found, 0)
        recording = found[min(played, len(found) - 1)]
        # A look ahead (HEAD) and parts of a body belong to one reading: they do not move on.
        if method == recording.method and "range" not in headers:
            self._played[found] = played + 1
        coded = self._encoder.body(recording, headers.get("accept-encoding", ""))
        given = answer.recorded(recording, method=method, headers=headers, coded=coded)
        return given, {"kind": "recording", "generated": recording.generated}

    def _unanswered(self, flow: http.HTTPFlow, *, url: str, headers: Mapping[str, str]) -> None:
        """What becomes of a request that no file, recording or known noise answers."""
        cause = "no recording answers it"
        alike = self._library.alike(flow.request.method, url)
        difference = nearest_difference(
            alike, headers=headers, body=flow.request.raw_content or b""
        )
        if difference is not None:
            cause = f"what was recorded of it asks for another body or other headers: {difference}"
        self._refuse(
            flow,
            url=url,
            kind="unrecorded",
            cause=cause,
            volatile=() if difference is None else difference.volatile,
        )

    def _refuse(
        self,
        flow: http.HTTPFlow,
        *,
        url: str,
        cause: str,
        kind: Kind = "refused",
        volatile: tuple[str, ...] = (),
    ) -> None:
        nearest = self._library.nearest(url, also=self._files)
        refusal = refusals.refusal(
            method=flow.request.method, url=masked(url), nearest=nearest, cause=cause
        )
        self._send(
            flow, refusal, url=url, kind=kind, nearest=nearest, note=cause, volatile=volatile
        )

    def _send(
        self,
        flow: http.HTTPFlow,
        given: answer.Answer,
        *,
        url: str,
        kind: Kind,
        **told: Any,
    ) -> None:
        self._log(
            method=flow.request.method,
            url=url,
            status=given.status,
            size=given.size,
            kind=kind,
            **told,
        )
        self._give(flow, given)

    def _give(self, flow: http.HTTPFlow, given: answer.Answer) -> None:
        """Answer from memory, or have mitmproxy read the file in place of an origin."""
        if given.stretch is None:
            flow.response = as_response(given)
            return
        try:
            port = self._server.offer(given.stretch)
        except OSError:
            flow.response = as_response(given.held())
            return
        self._streamed[flow.id] = given
        flow.request.scheme, flow.request.host, flow.request.port = "http", HOST, port

    def _log(
        self, *, method: str, url: str, kind: Kind, status: int = 0, size: int = 0, **told: Any
    ) -> None:
        """Log a request; ``told`` are further attributes of the exchange."""
        self._journal.write(
            Exchange(
                at=time.time(),
                method=method,
                url=masked(url),
                status=status,
                bytes=size,
                recorded=kind in ("recording", "file"),
                kind=kind,
                **told,
            )
        )


def _authority(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _is_noise(host: str, path: str) -> bool:
    bare = path.partition("?")[0]
    return any(host == known and bare.endswith(end) for known, end in _NOISE)
