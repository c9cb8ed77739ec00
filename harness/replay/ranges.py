"""Ranges: which bytes of a body a request asks for (RFC 9110, 14)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def reach(
    size: int, headers: tuple[tuple[str, str], ...], *, asked: Mapping[str, str]
) -> tuple[HTTPStatus, tuple[tuple[str, str], ...], int, int]:
    """What a GET is answered with: status, headers, first byte and the one after the last.

    Args:
        size: The body's size in bytes.
        headers: The headers of the whole.
        asked: The request's headers, by name in lower case.
    """
    if not any(name.lower() == "accept-ranges" for name, _ in headers):
        headers = (*headers, ("accept-ranges", "bytes"))
    span = _span(asked.get("range", ""), size)
    # RFC 9110, 14.2: a range that is malformed, or several, are ignored.
    if span is None or not _same(asked, headers):
        return HTTPStatus.OK, headers, 0, size
    start, end = span
    if start >= end:
        beyond = (*headers, ("content-range", f"bytes */{size}"))
        return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, beyond, 0, 0
    within = (*headers, ("content-range", f"bytes {start}-{end - 1}/{size}"))
    return HTTPStatus.PARTIAL_CONTENT, within, start, end


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
