"""An answer as mitmproxy sends it: headers as bytes, and a body that is coded already."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mitmproxy import http

if TYPE_CHECKING:
    from harness.replay.answer import Answer


def wire(text: str) -> bytes:
    """A header's value as bytes: in Latin-1 as it was recorded, or else in UTF-8.

    Args:
        text: The value.
    """
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")


def as_response(given: Answer) -> http.Response:
    """An answer as mitmproxy sends it.

    Args:
        given: The answer.
    """
    # The constructor takes the body as it is on the wire; Response.make would encode it.
    return http.Response(
        http_version=b"HTTP/1.1",
        status_code=given.status,
        reason=given.reason.encode("ascii", "replace"),
        headers=http.Headers([(name.encode(), wire(text)) for name, text in given.headers]),
        content=given.body,
        trailers=None,
        timestamp_start=time.time(),
        timestamp_end=time.time(),
    )
