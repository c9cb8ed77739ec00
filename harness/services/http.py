"""Recorded HTTP as a service: what pipelines fetch comes from recordings, or becomes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import CassetteError
from harness.machine.ports import HOST
from harness.plain import counted
from harness.replay import capture, cassette, journal
from harness.replay.environment import proxy_environment
from harness.replay.process import ProxyProcess
from harness.replay.refusals import remedy
from harness.replay.urls import is_web_url, normalised
from harness.services.heard import Heard
from harness.services.protocol import Incident
from harness.services.sinkless import Sinkless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from harness.machine.guardian import Guardian
    from harness.replay.capture import Capture
    from harness.replay.questions import Trouble

SETTLE_SECONDS = 10.0
"""How long answers that are under way are waited for when what was recorded is looked at."""

_CODES = {
    "unrecorded": "http-unrecorded",
    "refused": "http-refused",
    "untrusted": "http-untrusted",
    "unreachable": "http-unreachable",
}


class RecordedHttp(Sinkless):
    """Answers HTTP and HTTPS requests from recordings, so that nothing leaves the machine.

    Where it records, it lets requests through to their origins and keeps what comes back.

    Args:
        fixtures: Folder whose cassettes are played: every ``index.yaml`` below it. It need not
            exist.
        files: For a URL, a file that is served instead of any recording.
        folder: Where the private working folder is made; the system's temporary folder if None.
        host: The name or address that clients know it by.
        bind: The address of this machine to listen on; ``host`` if not given.
        port: A fixed port, or None for one that the system chooses.
        guardian: Is told of the folder and the process, to clean up if this process is killed.
        direct: Gives the hosts that clients reach without the proxy, besides this machine.
        record: Whether it records; no recording is played then, files are.
        resolve: For a host, the address (``address`` or ``address:port``) that is asked in its
            place while recording.
        match_headers: Request headers that choose what is answered, while recording.
    """

    name = "http"
    title = "recorded HTTP"

    def __init__(
        self,
        *,
        fixtures: Path,
        files: Mapping[str, Path] | None = None,
        folder: Path | None = None,
        host: str = HOST,
        bind: str | None = None,
        port: int | None = None,
        guardian: Guardian | None = None,
        direct: Callable[[], Iterable[str]] = tuple,
        record: bool = False,
        resolve: Mapping[str, str] | None = None,
        match_headers: Iterable[str] = (),
    ) -> None:
        self._fixtures = fixtures
        self._record = record
        self._resolve = dict(resolve or {})
        self._match_headers = tuple(match_headers)
        self._files = dict(files or {})
        self._answered: frozenset[str] = frozenset()
        self._proxy = ProxyProcess(
            parent=folder,
            host=bind or host,
            port=port,
            guardian=guardian,
            task="record" if record else "play",
        )
        self._host = host
        self._direct = direct

    @property
    def listens_at(self) -> tuple[str, int]:
        """The proxy's host and port."""
        return self._host, self._proxy.port

    def start(self) -> None:
        """Start the proxy and return when it listens.

        Raises:
            CassetteError: A cassette cannot be read, or a mapped file is not there.
            EnvironmentNotAbleError: The fixed port is taken.
            ServiceError: The proxy did not start; the message holds the end of its log.
        """
        if not self._proxy.is_running:
            self._proxy.start(self._load)

    def stop(self) -> None:
        """End the proxy and remove its folder. Safe to call twice, or before start."""
        self._proxy.stop()

    def reset(self) -> None:
        """Play every recording from its beginning, forget run-time maps and the log.

        Cassettes are not read again: a changed one is seen after the next start.

        Raises:
            ServiceError: The proxy is not running or does not answer.
        """
        self._proxy.tell({"rewind": True})

    def map(self, url: str, path: Path) -> None:
        """Serve a file for a URL, before any recording of it, until ``reset``.

        Args:
            url: The absolute URL, with its query if it has one.
            path: The file.

        Raises:
            CassetteError: The URL is not absolute, or the file is not there.
            ServiceError: The proxy is not running or does not answer.
        """
        self._proxy.tell({"map": [url, _checked(url, path)]})

    def trouble(self, answer: Trouble | None) -> None:
        """Have each request told to somebody, before it is answered.

        Args:
            answer: Says what trouble it meets; None for no trouble.

        Raises:
            ServiceError: The proxy is not running or does not answer.
        """
        self._proxy.trouble(answer)

    def requests(self) -> tuple[journal.Exchange, ...]:
        """What was asked since the start or the last reset, in order.

        Raises:
            ServiceError: The proxy is not running.
        """
        return journal.read(self._proxy.folder / journal.FILE)

    def heard(self, since: float) -> Iterator[Heard]:
        """What was asked of the web, in order of time."""
        for one in self.requests() if self._proxy.is_running else ():
            if one.at >= since:
                yield Heard(
                    at=one.at,
                    service=self.name,
                    verb=one.method,
                    what=one.url,
                    answer=f"{one.status or 'no answer'}, {counted(one.bytes, 'byte')}, {one.kind}",
                    failed=one.kind in _CODES,
                )

    def answered(self) -> frozenset[str]:
        """The URLs that recordings and mapped files answered when it started, normalised."""
        return self._answered

    def captures(self) -> tuple[Capture, ...]:
        """What was recorded, in order; its files are gone when the service stops.

        Answers that are under way are waited for, up to ``SETTLE_SECONDS``.

        Raises:
            ServiceError: The proxy is not running or does not answer.
        """
        self._settle()
        return capture.read_captures(self._proxy.folder / capture.FOLDER)

    def environment(self) -> Mapping[str, str]:
        """Variables that lead every HTTP client to the proxy and let it trust the answers.

        Raises:
            ServiceError: The proxy is not running.
        """
        return proxy_environment(
            host=self._host,
            port=self._proxy.port,
            folder=self._proxy.folder,
            direct=self._direct(),
        )

    def incidents(self, since: float) -> Sequence[Incident]:
        """Requests that were not answered; the same request is one incident.

        Args:
            since: Seconds since the epoch.

        Raises:
            ServiceError: The proxy records, and does not answer.
        """
        if not self._proxy.is_running:
            return ()
        if self._record:
            self._settle()
        same: dict[tuple[str, str, str], list[journal.Exchange]] = {}
        for exchange in self.requests():
            if exchange.kind in _CODES and exchange.at >= since:
                key = (exchange.kind, exchange.method, exchange.url)
                same.setdefault(key, []).append(exchange)
        return tuple(_incident(exchanges) for exchanges in same.values())

    def _settle(self) -> None:
        """A client has the end of an answer before the recorder has kept it."""
        self._proxy.tell({"settle": SETTLE_SECONDS})

    def _load(self) -> dict[str, Any]:
        recordings = () if self._record else cassette.load_all(self._fixtures)
        urls = (*(one.url for one in recordings if one.method == "GET"), *self._files)
        self._answered = frozenset(map(normalised, urls))
        return {
            "recordings": [recording.as_json() for recording in recordings],
            "files": {url: _checked(url, path) for url, path in self._files.items()},
            "resolve": {host: _address(text) for host, text in self._resolve.items()},
            "match_headers": self._match_headers,
        }


def _checked(url: str, path: Path) -> str:
    if not is_web_url(url):
        raise CassetteError(
            f"no file can be mapped to {url!r}",
            cause="it is not an absolute http or https URL",
            remedy="write it as https://host/path, with its query if it has one",
        )
    if not path.is_file():
        raise CassetteError(
            f"the file that is mapped to {url} is not there",
            evidence=[f"looked at {path.absolute()}"],
            remedy="correct the path in --file or under [tool.mage-harness.files]",
        )
    return str(path.absolute())


def _address(text: str) -> tuple[str, int | None]:
    host, colon, port = text.rpartition(":")
    return (host, int(port)) if colon and port.isdigit() else (text, None)


def _incident(exchanges: Sequence[journal.Exchange]) -> Incident:
    first = exchanges[0]
    times = f" ({len(exchanges)} times)" if len(exchanges) > 1 else ""
    message = f"{first.method} {first.url}{times}: {first.note}"
    if first.nearest:
        message += f"; nearest: {', '.join(first.nearest)}"
    if first.kind == "untrusted":
        message += (
            "; the client has a trust store of its own: give it the file named by SSL_CERT_FILE"
        )
    return Incident(
        at=first.at,
        service="http",
        code=_CODES[first.kind],
        message=message,
        detail=first.url,
        remedy=remedy(first.method, first.url) if first.kind == "unrecorded" else "",
    )
