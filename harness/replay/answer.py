"""What is sent back for a request: a recording, a file, or a part of either."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from harness.replay.ranges import reach

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.replay.recording import Recording

_LENGTH = "content-length"
# A body beyond it is not held in memory. The proxy sends a smaller one twice as fast from there.
LARGE = 4 << 20
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
class Stretch:
    """A part of a file, to be sent as it is read.

    Attributes:
        file: The file.
        start: Its first byte.
        size: How many bytes.
        announced: How many are announced; more than there are where an answer breaks off.
    """

    file: Path
    start: int
    size: int
    announced: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer, ready to be sent.

    Attributes:
        status: The status code.
        headers: The headers in order.
        body: The bytes to send; empty for a HEAD.
        reason: The reason phrase of HTTP/1.
        stretch: What is sent in place of ``body`` where that is large; None otherwise.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    reason: str = ""
    stretch: Stretch | None = None

    @property
    def size(self) -> int:
        """How many bytes the body has."""
        return len(self.body) if self.stretch is None else self.stretch.size

    def held(self) -> Answer:
        """The same answer with its body in memory.

        Raises:
            OSError: The file cannot be read.
        """
        if self.stretch is None:
            return self
        with self.stretch.file.open("rb") as stream:
            stream.seek(self.stretch.start)
            body = stream.read(self.stretch.size)
        return replace(self, body=body, stretch=None)


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
    body, stretch = _part(file, 0, _size(file), method=method)
    if method == "HEAD" and recording.method == "HEAD":
        # What the origin announced of a body that a HEAD does not have.
        kept = (*kept, *(pair for pair in recording.headers if pair[0].lower() == _LENGTH))
    elif recording.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        kept = (*kept, (_LENGTH, str(_size(file))))
    return Answer(
        status=recording.status,
        headers=kept,
        body=body,
        reason=_reason(recording.status),
        stretch=stretch,
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


def ranged(
    headers: tuple[tuple[str, str], ...], *, file: Path, size: int, asked: Mapping[str, str]
) -> Answer:
    """Answer a GET from a body that is on its way: the same as ``recorded`` once it is there.

    Args:
        headers: The answer's headers.
        file: The file that will hold the body.
        size: The body's size in bytes.
        asked: The request's headers, by name in lower case.
    """
    kept = tuple((name, text) for name, text in headers if name.lower() not in _OF_CONNECTION)
    status, kept, start, end = reach(size, kept, asked=asked)
    return Answer(
        status=status,
        headers=(*kept, (_LENGTH, str(end - start))),
        reason=status.phrase,
        stretch=Stretch(file=file, start=start, size=end - start, announced=end - start),
    )


def _content(
    file: Path,
    headers: tuple[tuple[str, str], ...],
    *,
    method: str,
    asked: Mapping[str, str],
) -> Answer:
    size = file.stat().st_size
    # RFC 9110, 14.2: a range is for a GET, and is ignored elsewhere.
    status, headers, start, end = reach(size, headers, asked=asked if method == "GET" else {})
    body, stretch = _part(file, start, end - start, method=method)
    return Answer(
        status=status,
        headers=(*headers, (_LENGTH, str(end - start))),
        body=body,
        reason=status.phrase,
        stretch=stretch,
    )


def _part(
    file: Path | None, start: int, size: int, *, method: str, announced: int | None = None
) -> tuple[bytes, Stretch | None]:
    """A part of a file: its bytes, or where they are if they are many."""
    if file is None or method == "HEAD" or size <= 0:
        return b"", None
    if size > LARGE:
        whole = size if announced is None else announced
        return b"", Stretch(file=file, start=start, size=size, announced=whole)
    with file.open("rb") as stream:
        stream.seek(start)
        return stream.read(size), None


def _size(file: Path | None) -> int:
    return 0 if file is None else file.stat().st_size


def _broken_off(
    recording: Recording, headers: tuple[tuple[str, str], ...], *, method: str
) -> Answer:
    """What was sent before the connection broke: announced whole, sent in part, then closed."""
    file = recording.body
    body, stretch = _part(file, 0, _size(file), method=method, announced=recording.cut)
    return Answer(
        status=recording.status,
        headers=(*headers, (_LENGTH, str(recording.cut)), ("connection", "close")),
        body=body,
        reason=_reason(recording.status),
        stretch=stretch,
    )


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
