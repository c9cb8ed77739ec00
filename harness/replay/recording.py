"""One recorded answer, as the index of a cassette states it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.replay.demand import Demand

CODINGS = ("gzip", "deflate", "br", "zstd")
"""The content codings that a body may have had on the wire."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What an origin answered to one request.

    Attributes:
        method: The request's method, in upper case.
        url: The absolute URL that was asked for.
        status: The answer's status.
        headers: The answer's headers in order; a name may come more than once.
        body: The file that holds the body as it was on the wire, or None for an empty one.
        sha256: The body's digest, in hexadecimal.
        encoding: The content coding that the body had on the wire and the file does not have:
            ``gzip``, ``deflate``, ``br`` or ``zstd``; empty for none.
        whole: The size of the body of which the file is a sample, in bytes; 0 where it is no
            sample.
        generated: Whether nobody answered so: the body was made up.
        cut: The size that was announced of a body that broke off, in bytes; 0 for a whole one.
        request: What a request must bring besides method and URL.
        ignore_query: Query keys that do not count when a request is compared with ``url``;
            ``*`` and ``?`` are wildcards.
        recorded: When, or how, the recording was made.
        note: Anything a reader should know.
        source: The index and the entry of it that state the recording.
    """

    method: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: Path | None = None
    sha256: str = ""
    encoding: str = ""
    whole: int = 0
    generated: bool = False
    cut: int = 0
    request: Demand = field(default_factory=Demand)
    ignore_query: tuple[str, ...] = ()
    recorded: str = ""
    note: str = ""
    source: str = ""

    def as_json(self) -> dict[str, Any]:
        """What the proxy needs to play the recording."""
        return {
            "method": self.method,
            "url": self.url,
            "status": self.status,
            "headers": self.headers,
            "body": None if self.body is None else str(self.body),
            "sha256": self.sha256,
            "encoding": self.encoding,
            "generated": self.generated,
            "cut": self.cut,
            "source": self.source,
            "ignore_query": self.ignore_query,
            "request": {
                "headers": self.request.headers,
                "body": None if self.request.body is None else str(self.request.body),
                "match": self.request.match,
                "ignore": self.request.ignore,
            },
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Recording:
        """The recording that ``as_json`` stated."""
        asked = value["request"]
        return cls(
            method=value["method"],
            url=value["url"],
            status=value["status"],
            headers=tuple((name, text) for name, text in value["headers"]),
            body=None if value["body"] is None else Path(value["body"]),
            sha256=value["sha256"],
            encoding=value["encoding"],
            generated=value["generated"],
            cut=value["cut"],
            source=value["source"],
            ignore_query=tuple(value["ignore_query"]),
            request=Demand(
                headers=tuple((name, text) for name, text in asked["headers"]),
                body=None if asked["body"] is None else Path(asked["body"]),
                match=asked["match"],
                ignore=tuple(asked["ignore"]),
            ),
        )
