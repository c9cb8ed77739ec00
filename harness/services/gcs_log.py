"""The request log of fake-gcs-server: which downloads and uploads failed."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from harness.replay.urls import masked
from harness.services.heard import Heard
from harness.services.log import ServerLog
from harness.services.protocol import Incident

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# time=2026-11-22T20:31:16.474Z level=INFO msg="... \"GET /path HTTP/1.1\" 404 10\n"
_LINE = re.compile(
    r'^time=(?P<time>\S+) .*?\\"(?P<method>[A-Z]+) (?P<uri>\S+) HTTP/[\d.]+\\" (?P<status>\d{3}) '
)
_ADDRESS = re.compile(r"^/(?:upload/|download/)?storage/v1/b/(?P<bucket>[^/]+)(?:/o/(?P<name>.*))?")
_BROKEN = 500
_REFUSED = 400
_BENIGN = {
    412,  # pyarrow makes a folder's placeholder "if it is not there yet"
    416,  # readers find the end of an empty object by asking for what is behind it
}


class RequestLog(ServerLog):
    """The requests that fake-gcs-server answered, and which of them failed."""

    def incidents(self, since: float) -> Sequence[Incident]:
        """What went wrong from a time on, in order of time.

        Args:
            since: Seconds since the epoch; the log counts in milliseconds, so this one whole.
        """
        return super().incidents(math.floor(since * 1000) / 1000)

    def heard(self, since: float) -> Iterator[Heard]:
        """The requests, in order; without the harness's own marks.

        Args:
            since: Seconds since the epoch.
        """
        with self._file.open("rb") as lines:
            for line in lines:
                one = heard_of(line.decode("utf-8", "replace"))
                if one is not None and one.at >= math.floor(since * 1000) / 1000:
                    yield one

    def judge(self, line: bytes) -> Iterable[Incident]:
        """What a line tells of; see ``incident_of``."""
        incident = incident_of(line.decode("utf-8", "replace"))
        return () if incident is None else (incident,)


def incident_of(line: str) -> Incident | None:
    """What a line of the log tells of: a failed download or upload, or a broken server.

    Questions whether a bucket or an object exists are no incident, whatever the answer.

    Args:
        line: One line, as fake-gcs-server writes it.
    """
    match = _LINE.match(line)
    if match is None:
        return None
    status = int(match["status"])
    if status < _REFUSED or status in _BENIGN:
        return None
    # The log quotes the address once more, as Go does.
    parts = urlsplit(match["uri"].replace("\\\\", "\\"))
    query = parse_qs(parts.query)
    if status < _BROKEN and not _carries_content(match["method"], parts.path, query):
        return None
    return Incident(
        at=datetime.fromisoformat(match["time"]).timestamp(),
        service="gcs",
        code="gcs-request-failed",
        message=f"{_doing(match['method'], parts.path)} was answered with status {status}",
        detail=_object(parts.path, query) or match["uri"],
        raises=_RAISED.get(status, ()),
    )


def heard_of(line: str) -> Heard | None:
    """The request that a line of the log tells of; None for other lines and the harness's marks.

    Args:
        line: One line, as fake-gcs-server writes it.
    """
    match = _LINE.match(line)
    if match is None:
        return None
    parts = urlsplit(match["uri"].replace("\\\\", "\\"))
    if parts.path.startswith("/_internal/"):
        return None
    query = parse_qs(parts.query)
    return Heard(
        at=datetime.fromisoformat(match["time"]).timestamp(),
        service="gcs",
        verb=match["method"],
        what=_object(parts.path, query) or masked(match["uri"]),
        answer=match["status"],
        failed=incident_of(line) is not None,
    )


# What google-cloud-storage raises for just this.
_RAISED = {404: ("NotFound",), 409: ("Conflict",), 412: ("PreconditionFailed",)}


def _carries_content(method: str, path: str, query: dict[str, list[str]]) -> bool:
    if path.startswith(("/upload/", "/download/")) or query.get("alt") == ["media"]:
        return True
    if any(f"/{verb}/" in f"{path}/" for verb in ("rewriteTo", "copyTo", "compose")):
        return True
    # The XML API, by which public addresses and signed URLs work, is /bucket/object.
    plain = not path.startswith(("/storage/v1/", "/b/", "/_internal/", "/batch/"))
    return plain and method in {"GET", "PUT", "POST"}


def _doing(method: str, path: str) -> str:
    if path.startswith("/upload/") or method in {"PUT", "POST"}:
        return f"an upload ({method})"
    return f"a download ({method})" if method == "GET" else f"a request ({method})"


def _object(path: str, query: dict[str, list[str]]) -> str:
    match = _ADDRESS.match(path)
    if match is None:
        return ""
    name = unquote(match["name"] or "") or "".join(query.get("name", ()))
    return f"gs://{unquote(match['bucket'])}/{name}"
