"""Entries of an index, made of captures: what a person should see, and no secret."""

from __future__ import annotations

import datetime as dt
import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from harness.record.bodies import plain_body
from harness.record.secrets import secret_keys
from harness.record.tabular import StaysWhole, format_of, sampled
from harness.replay.demand import comparable, match_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from harness.record.names import Names
    from harness.record.secrets import Secrets
    from harness.record.tabular import Shrunk
    from harness.replay.capture import Capture
    from harness.replay.demand import Match

# Of one connection or one moment, or about the origin's own machines: a reader learns nothing
# from them, and each recording would differ from the last.
_DROPPED = frozenset(
    (
        *("connection", "content-encoding", "content-length", "keep-alive", "proxy-connection"),
        *("trailer", "transfer-encoding", "upgrade", "date", "age", "server", "via", "alt-svc"),
        *("nel", "report-to", "reporting-endpoints", "server-timing", "expect-ct"),
        *("strict-transport-security", "content-security-policy", "permissions-policy"),
        *("content-security-policy-report-only", "referrer-policy", "x-frame-options"),
        *("x-xss-protection", "x-content-type-options", "x-powered-by", "x-runtime"),
        *("x-request-id", "x-correlation-id", "x-trace-id", "x-amz-request-id", "x-amz-id-2"),
        *("x-amz-cf-id", "x-amz-cf-pop", "x-cache", "x-cache-hits", "x-served-by", "x-timer"),
        *("x-fastly-request-id", "x-github-request-id", "x-guploader-uploadid", "cf-ray"),
        *(
            "cf-cache-status",
            "x-ms-request-id",
            "x-ms-client-request-id",
            "x-envoy-upstream-service-time",
        ),
    )
)
# They tell of the whole body.
_DIGESTS = ("content-md5", "digest", "repr-digest", "x-goog-hash", "x-amz-checksum")
# Where a signature stands in a query, these change with it.
_SIGNED = (
    ("X-Amz-", ("X-Amz-*",)),
    ("X-Goog-", ("X-Goog-*",)),
    ("Key-Pair-Id", ("Expires", "Key-Pair-Id", "Policy", "Signature")),
    ("Signature", ("Expires", "GoogleAccessId", "AWSAccessKeyId", "Signature")),
    (
        "sig",
        ("se", "ske", "skoid", "sks", "skt", "sktid", "skv", "sp", "spr", "sr", "st", "sv", "sig"),
    ),
)


class Entries:
    """Makes entries, and the files of their bodies.

    Args:
        folder: The cassette's folder.
        secrets: Takes the secrets out.
        names: Names the files.
        match_headers: Request headers that must be the same when a recording is played.
        ignore: Names in JSON bodies and forms of requests that do not count when a recording is
            played.
        sample: How many rows are kept of a tabular answer; None for all of them.
        generated: How the answers were made, where no origin gave them.

    Attributes:
        whole: The tables that were to be sampled and stayed whole: the body's file, and why.
    """

    def __init__(
        self,
        folder: Path,
        *,
        secrets: Secrets,
        names: Names,
        match_headers: Iterable[str] = (),
        ignore: Iterable[str] = (),
        sample: int | None = None,
        generated: Mapping[str, int] | None = None,
    ) -> None:
        self._folder = folder
        self._sample = sample
        self._generated = generated
        self._secrets = secrets
        self._names = names
        self._ignore = tuple(ignore)
        self.whole: dict[str, str] = {}
        self._match_headers = tuple(name.lower() for name in match_headers)

    def entry(self, capture: Capture) -> dict[str, Any]:
        """One entry, in the order in which a person reads it.

        Args:
            capture: The capture.

        Raises:
            OSError: A body cannot be read or written.
        """
        body, coding = plain_body(capture)
        whole, (smaller, why) = body, self._shrunk(capture, body)
        if smaller is not None:
            body = smaller.body
        value: dict[str, Any] = {
            "method": capture.method,
            "url": self._secrets.url(capture.url),
        }
        ignored = volatile_keys(capture.url)
        if ignored:
            value["ignore_query"] = list(ignored)
        request = self._request(capture)
        if request:
            value["request"] = request
        value["status"] = capture.status
        headers = self._headers(capture, coding=coding, whole=smaller is None)
        if headers:
            value["headers"] = headers
        if body:
            value |= self._stored(
                body, url=capture.url, content_type=capture.header("content-type")
            )
        if why:
            self.whole[value["body"]] = why
        if smaller is not None:
            digest = hashlib.sha256(whole).hexdigest()
            value["sample"] = {
                "rows": smaller.rows,
                "of": smaller.of,
                "bytes": len(whole),
                "sha256": digest,
            }
        if coding:
            value["encoding"] = coding
        if capture.broken:
            announced = capture.header("content-length")
            value["cut"] = int(announced) if announced.isdigit() else len(body) + 1
        return value | self._origin(capture)

    def _origin(self, capture: Capture) -> dict[str, Any]:
        """When an origin gave the answer, or how it was made up."""
        if self._generated is not None:
            return {"generated": dict(self._generated)}
        moment = dt.datetime.fromtimestamp(capture.at, tz=dt.UTC)
        return {"recorded": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def _request(self, capture: Capture) -> dict[str, Any]:
        request: dict[str, Any] = {}
        headers = {
            name: self._secrets.header(name, text)
            for name in self._match_headers
            if (text := capture.request_header(name))
        }
        if headers:
            request["headers"] = headers
        if capture.request_body is not None:
            content_type = capture.request_header("content-type")
            request |= self._stored(
                capture.request_body.read_bytes(),
                url=f"https://request/{_last(capture.url)}.request",
                content_type=content_type,
            )
            request["match"] = match_of(content_type)
            ignored = self._ignored(capture.request_body.read_bytes(), match=request["match"])
            if ignored:
                request["ignore"] = list(ignored)
        return request

    def _ignored(self, body: bytes, *, match: Match) -> tuple[str, ...]:
        """Those of the names to be ignored that a request's body has."""
        whole = comparable(body, match=match)
        return tuple(
            name for name in self._ignore if comparable(body, match=match, ignore=(name,)) != whole
        )

    def _shrunk(self, capture: Capture, body: bytes) -> tuple[Shrunk | None, str]:
        """A sample, or why a table has none."""
        if self._sample is None or capture.status != HTTPStatus.OK or capture.broken or not body:
            return None, ""
        kind = format_of(capture.url, capture.header("content-type"), body)
        if kind is None:
            return None, ""
        try:
            return sampled(body, format=kind, count=self._sample), ""
        except StaysWhole as why:
            return None, str(why)

    def _headers(self, capture: Capture, *, coding: str, whole: bool) -> dict[str, Any]:
        found: dict[str, list[str]] = {}
        head = capture.method == "HEAD"
        for name, text in capture.headers:
            key = name.lower()
            if not whole and key.startswith(_DIGESTS):
                continue
            # A body that stays coded must be announced as such.
            coded = key == "content-encoding" and not coding and capture.body is not None
            if key not in _DROPPED or coded or (head and key == "content-length"):
                found.setdefault(key, []).append(self._secrets.header(key, text))
        return {name: texts[0] if len(texts) == 1 else texts for name, texts in found.items()}

    def _stored(self, body: bytes, *, url: str, content_type: str) -> dict[str, Any]:
        clean = self._secrets.body(body)
        name, digest, new = self._names.give(
            clean, url=self._secrets.url(url), content_type=content_type
        )
        if new:
            (self._folder / name).write_bytes(clean)
        return {"body": name, "sha256": digest}


def volatile_keys(url: str) -> tuple[str, ...]:
    """The keys of a URL's query that cannot be the same again: secrets, and what is signed anew.

    Args:
        url: The URL.
    """
    keys = [key for key, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)]
    found = list(secret_keys(url))
    for mark, family in _SIGNED:
        if any(key.startswith(mark) if mark.endswith("-") else key == mark for key in keys):
            found = [key for key in found if not _covered(key, family)]
            found += [one for one in family if any(_covered(key, (one,)) for key in keys)]
    return tuple(sorted(set(found)))


def _covered(key: str, family: Sequence[str]) -> bool:
    return any(key.startswith(one[:-1]) if one.endswith("*") else key == one for one in family)


def _last(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[2] or "request"
