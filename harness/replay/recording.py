"""One recorded answer, as the index of a cassette states it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
            "ignore_query": self.ignore_query,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Recording:
        """The recording that ``as_json`` stated."""
        return cls(
            method=value["method"],
            url=value["url"],
            status=value["status"],
            headers=tuple((name, text) for name, text in value["headers"]),
            body=None if value["body"] is None else Path(value["body"]),
            ignore_query=tuple(value["ignore_query"]),
        )
