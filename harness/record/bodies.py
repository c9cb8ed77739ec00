"""Bodies as files: without content coding, and read as text where they are text."""

from __future__ import annotations

import gzip
import re
import zlib
from typing import TYPE_CHECKING

from harness.replay.recording import CODINGS

if TYPE_CHECKING:
    from harness.replay.capture import Capture

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_GZIP = b"\x1f\x8b"


def plain_body(capture: Capture) -> tuple[bytes, str]:
    """A capture's body without its content coding, and the coding.

    Where the coding is none that can be undone, or the answer broke off, the body stays as it is.

    Args:
        capture: The capture.

    Raises:
        OSError: The body cannot be read.
    """
    if capture.body is None:
        return b"", ""
    raw = capture.body.read_bytes()
    coding = capture.header("content-encoding").strip().lower()
    if capture.broken or coding not in CODINGS:
        return raw, ""
    from mitmproxy.net.encoding import decode  # noqa: PLC0415

    try:
        decoded = decode(raw, coding)
    except ValueError:
        return raw, ""
    return (decoded, coding) if isinstance(decoded, bytes) else (raw, "")


def readable(body: bytes) -> bytes:
    """What a body says: unpacked if it is gzip, otherwise as it is.

    Args:
        body: The body.
    """
    if not body.startswith(_GZIP):
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return body


def is_text(body: bytes) -> bool:
    """Whether a body is text, in UTF-8 or any code of one byte: no control characters in its head.

    Args:
        body: The body.
    """
    return _CONTROL.search(body[:65536]) is None


def head_of(packed: bytes) -> bytes:
    """As much as can be unpacked of the first part of a gzip; other bytes as they are.

    Args:
        packed: The first part.
    """
    if not packed.startswith(_GZIP):
        return packed
    try:
        return zlib.decompressobj(wbits=31).decompress(packed)
    except zlib.error:
        return packed
