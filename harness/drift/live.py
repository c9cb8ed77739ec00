"""What the origins say now: asked with HEAD and for parts, never for a whole large body."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from harness.drift.facts import HEAD, TAIL, Facts, columns_of
from harness.drift.recorded import REDIRECTS, address
from harness.replay.environment import TRUSTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

_MOST_HOPS = 20
_OK = frozenset((HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT))
_PIECE = 1 << 16
_BUSY = (429, 503)


@dataclass(frozen=True, kw_only=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    part: bytes

    @property
    def size(self) -> int | None:
        """The size of the whole body, where the origin says it and has not coded the body."""
        if self.headers.get("content-encoding", "identity") != "identity":
            return None
        whole = self.headers.get("content-range", "").rpartition("/")[2]
        size = whole or self.headers.get("content-length", "")
        return int(size) if size.isdigit() else None


class Origins:
    """Asks origins, by the proxies and authorities of the environment; a context manager.

    Args:
        timeout: Seconds that one answer may take.
    """

    def __init__(self, *, timeout: float = 30.0) -> None:
        self._timeout = timeout
        self._session = requests.Session()
        self._session.verify = os.environ.get(TRUSTED) or True
        self._session.headers.update(
            {"user-agent": "mage-harness drift", "accept-encoding": "identity"}
        )
        retry = Retry(2, read=0, redirect=0, status_forcelist=_BUSY, raise_on_status=False)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    def facts(self, url: str) -> Facts:
        """What an origin says of an address, at the end of its redirects.

        Args:
            url: The address.
        """
        hops = [address(url)]
        try:
            answer = self._begun(url)
            while answer.status in REDIRECTS and len(hops) < _MOST_HOPS:
                url = urljoin(url, answer.headers.get("location", ""))
                hops.append(address(url))
                # An address that is signed for GET refuses HEAD.
                answer = self._first(url)
            if answer.status in REDIRECTS:
                return Facts(hops=tuple(hops), why=_endless(hops))
            return self._found(url, answer, hops=tuple(hops))
        except (requests.RequestException, HTTPError, ValueError) as error:
            return Facts(hops=tuple(hops), why=f"{type(error).__name__}: {error}")

    def _found(self, url: str, answer: _Answer, *, hops: tuple[str, ...]) -> Facts:
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        columns: dict[str, str] = {}
        size = answer.size
        if answer.status in _OK:
            first = answer.part or self._first(url).part
            last = first
            if first.startswith(b"PAR1") and size is not None and size > len(first):
                last = self._ask("GET", url, span=f"bytes=-{min(TAIL, size)}").part
            columns = columns_of(url, kind, first, last)
        return Facts(
            status=HTTPStatus.OK if answer.status in _OK else answer.status,
            hops=hops,
            content_type=kind,
            etag=answer.headers.get("etag", ""),
            last_modified=answer.headers.get("last-modified", ""),
            size=size,
            columns=columns,
        )

    def _begun(self, url: str) -> _Answer:
        """What HEAD says where all is well; many origins answer it otherwise than GET."""
        try:
            answer = self._ask("HEAD", url)
        except requests.ConnectionError:
            return self._first(url)
        return answer if answer.status == HTTPStatus.OK else self._first(url)

    def _first(self, url: str) -> _Answer:
        return self._ask("GET", url, span=f"bytes=0-{HEAD - 1}")

    def _ask(self, method: str, url: str, *, span: str = "") -> _Answer:
        with self._session.request(
            method,
            url,
            headers={"range": span} if span else {},
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        ) as answer:
            # No more than a part, also of an origin that knows no ranges.
            most = TAIL if span.startswith("bytes=-") else HEAD
            part = self._part(answer, most) if method == "GET" else b""
            return _Answer(status=answer.status_code, headers=answer.headers, part=part)

    def _part(self, answer: requests.Response, most: int) -> bytes:
        """The first bytes, in whatever pieces they come, in no more than the time that is given."""
        until = time.monotonic() + self._timeout
        part = b""
        while len(part) < most:
            piece = answer.raw.read1(min(_PIECE, most - len(part)), decode_content=True)
            if not piece:
                break
            part += piece
            if time.monotonic() > until:
                raise requests.Timeout(f"the body takes longer than {self._timeout:g} s")
        return part


def _endless(hops: Sequence[str]) -> str:
    """What is wrong with redirects that come to no end."""
    again = next((hop for number, hop in enumerate(hops) if hop in hops[:number]), None)
    if again is None:
        return f"more than {_MOST_HOPS - 1} redirects"
    return f"its redirects go round in a circle, back to {again}"
