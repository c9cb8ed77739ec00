"""What is sent back for a request: a recording, a file, a part of either, or a refusal."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.replay.recording import Recording

# No client retries an unassigned 4xx (RFC 9110, 15: it counts as 400), none takes it for "no
# such page" as it would 404, and object_store, urllib3 and google-api-core wait on several 5xx.
NO_RECORDING = 470

_LENGTH = "content-length"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
# They describe one connection (RFC 9110, 7.6.1) or a framing that is made anew here.
_OF_CONNECTION = frozenset(
    ("connection", "content-length", "keep-alive", "proxy-connection", "transfer-encoding")
)
# What the standard library's table lacks, or gives as an encoding that a client would undo.
_TYPES = {
    ".gz": "application/gzip",
    ".bz2": "application/x-bzip2",
    ".xz": "application/x-xz",
    ".zst": "application/zstd",
    ".parquet": "application/vnd.apache.parquet",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer, ready to be sent.

    Attributes:
        status: The status code.
        headers: The headers in order.
        body: The bytes to send; empty for a HEAD.
        reason: The reason phrase of HTTP/1.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    reason: str = ""


def recorded(
    recording: Recording,
    *,
    method: str,
    headers: Mapping[str, str],
    coded: tuple[Path | None, str] | None = None,
) -> Answer:
    """Answer a request from a recording; HEAD and single ranges come from the recorded GET.

    Args:
        recording: The recording.
        method: The request's method.
        headers: The request's headers, by name in lower case.
        coded: The file to send and its content coding, where it is not the recording's own.

    Raises:
        OSError: The body's file cannot be read any more.
    """
    file, coding = coded or (recording.body, "")
    kept = tuple(
        (name, text) for name, text in recording.headers if name.lower() not in _OF_CONNECTION
    )
    if recording.encoding:
        kept = (*kept, ("vary", "accept-encoding"))
    if coding:
        kept = (*kept, ("content-encoding", coding))
    if recording.cut:
        return _broken_off(recording, kept, method=method)
    if file is not None and recording.status == HTTPStatus.OK:
        return _content(file, kept, method=method, asked=headers)
    body = b"" if file is None or method == "HEAD" else file.read_bytes()
    if method == "HEAD" and recording.method == "HEAD":
        # What the origin announced of a body that a HEAD does not have.
        kept = (*kept, *(pair for pair in recording.headers if pair[0].lower() == _LENGTH))
    elif recording.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        size = 0 if file is None else file.stat().st_size
        kept = (*kept, (_LENGTH, str(size)))
    return Answer(
        status=recording.status, headers=kept, body=body, reason=_reason(recording.status)
    )


def mapped(file: Path, *, method: str, headers: Mapping[str, str]) -> Answer:
    """Answer a request with a file on disk, as a plain file server would.

    Args:
        file: The file.
        method: The request's method, GET or HEAD.
        headers: The request's headers, by name in lower case.

    Raises:
        OSError: The file cannot be read.
    """
    return _content(file, (("content-type", content_type(file)),), method=method, asked=headers)


def content_type(file: Path) -> str:
    """The media type of a file, guessed from its name; a compressed file stays compressed."""
    suffix = file.suffix.lower()
    return _TYPES.get(suffix) or mimetypes.types_map.get(suffix) or "application/octet-stream"


def refusal(
    *, method: str, url: str, nearest: Sequence[str] = (), cause: str = "no recording answers it"
) -> Answer:
    """The answer to a request that nothing was recorded for.

    The text is made so that it cannot be taken for data: it is neither JSON nor parquet, and its
    last line has more commas than the first, at which a CSV reader stops.

    Args:
        method: The request's method.
        url: The URL that was asked for, fit to be shown.
        nearest: The nearest URLs that would be answered.
        cause: Why it is refused.
    """
    lines = [
        "mage-harness refused this request",
        f"request:  {method} {url}",
        f"cause:    {cause} and nothing may leave this machine",
        *(f"nearest:  {other}" for other in nearest),
        f"remedy:   {remedy(method, url)}",
        "",
    ]
    body = "\n".join(lines).encode()
    best = f"; nearest {nearest[0]}" if nearest else ""
    reason = " ".join(f"mage-harness has no recording of {url}{best}".split())
    return Answer(
        status=NO_RECORDING,
        # A status line is ASCII, and some clients cap it.
        reason=reason.encode("ascii", "replace").decode()[:400],
        headers=(
            ("content-type", "text/plain; charset=utf-8"),
            ("cache-control", "no-store"),
            (_LENGTH, str(len(body))),
        ),
        body=b"" if method == "HEAD" else body,
    )


def remedy(method: str, url: str) -> str:
    """What to do about a request that nothing was recorded for.

    Args:
        method: The request's method; only GET and HEAD can be answered with a file.
        url: The URL that was asked for, fit to be shown.
    """
    record = "record it with 'mage-harness record PIPELINE'"
    if method not in ("GET", "HEAD"):
        return f"{record}, or leave the {method} out"
    return (
        f"{record}, or map a file to it, with --file '{url}=PATH' or under "
        "[tool.mage-harness.files]"
    )


def absent() -> Answer:
    """The plain 404 that keeps the background noise of a client quiet."""
    return Answer(status=HTTPStatus.NOT_FOUND, headers=((_LENGTH, "0"),), reason="Not Found")


def _content(
    file: Path,
    headers: tuple[tuple[str, str], ...],
    *,
    method: str,
    asked: Mapping[str, str],
) -> Answer:
    size = file.stat().st_size
    status, start, end = HTTPStatus.OK, 0, size
    if not any(name.lower() == "accept-ranges" for name, _ in headers):
        headers = (*headers, ("accept-ranges", "bytes"))
    span = _span(asked.get("range", ""), size)
    # RFC 9110, 14.2: a range that is malformed, or not for a GET, or several, is ignored.
    if span is not None and method == "GET" and _same(asked, headers):
        start, end = span
        if start >= end:
            status, start, end = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, 0, 0
            headers = (*headers, ("content-range", f"bytes */{size}"))
        else:
            status = HTTPStatus.PARTIAL_CONTENT
            headers = (*headers, ("content-range", f"bytes {start}-{end - 1}/{size}"))
    body = b""
    if method != "HEAD" and end > start:
        with file.open("rb") as stream:
            stream.seek(start)
            body = stream.read(end - start)
    return Answer(
        status=status,
        headers=(*headers, (_LENGTH, str(end - start))),
        body=body,
        reason=status.phrase,
    )


def _broken_off(
    recording: Recording, headers: tuple[tuple[str, str], ...], *, method: str
) -> Answer:
    """What was sent before the connection broke: announced whole, sent in part, then closed."""
    body = b"" if recording.body is None or method == "HEAD" else recording.body.read_bytes()
    return Answer(
        status=recording.status,
        headers=(*headers, (_LENGTH, str(recording.cut)), ("connection", "close")),
        body=body,
        reason=_reason(recording.status),
    )


def _span(text: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last (RFC 9110, 14.1.2), or None for no single range."""
    wanted = _RANGE.fullmatch(text.replace(" ", ""))
    if wanted is None or not any(wanted.groups()):
        return None
    first, last = wanted.groups()
    if not first:
        return max(size - int(last), 0), size
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size


def _same(asked: Mapping[str, str], headers: tuple[tuple[str, str], ...]) -> bool:
    """Whether If-Range, where given, names what was recorded (RFC 9110, 13.1.5)."""
    condition = asked.get("if-range")
    validators = (text for name, text in headers if name.lower() in ("etag", "last-modified"))
    return condition is None or condition in validators


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
