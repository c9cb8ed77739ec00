"""What is sent back for a request that nothing was recorded for, and what to do about it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from harness.replay.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

# No client retries an unassigned 4xx (RFC 9110, 15: it counts as 400), none takes it for "no
# such page" as it would 404, and object_store, urllib3 and google-api-core wait on several 5xx.
NO_RECORDING = 470
_LENGTH = "content-length"


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
        f"{record}, generate a table for it with \"mage-harness fixture '{url}'\", "
        "or map a file to it, with --file 'URL=PATH' or under [tool.mage-harness.files]"
    )


def absent() -> Answer:
    """The plain 404 that keeps the background noise of a client quiet."""
    return Answer(status=HTTPStatus.NOT_FOUND, headers=((_LENGTH, "0"),), reason="Not Found")
