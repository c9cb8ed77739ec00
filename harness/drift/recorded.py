"""What the recordings say: for each address that a pipeline begins with, where it led."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from harness.drift.facts import HEAD, TAIL, Facts, columns_of
from harness.replay.library import Library
from harness.replay.secrecy import SCRUBBED
from harness.replay.urls import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.replay.recording import Recording

REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_HOPS = 20


@dataclass(frozen=True, kw_only=True)
class Begun:
    """An address that a pipeline begins with.

    Attributes:
        url: The address.
        facts: What was recorded, at the end of its redirects.
        source: The index and entry that state it.
        needs_secret: Whether a secret was taken out of the address, so that it cannot be asked.
    """

    url: str
    facts: Facts
    source: str
    needs_secret: bool


def begun(recordings: Sequence[Recording]) -> Iterator[Begun]:
    """The addresses of GET requests to which no recorded redirect leads, each once.

    Args:
        recordings: The recordings.

    Raises:
        OSError: A body cannot be read.
    """
    library = Library(recordings)
    led_to = {normalised(target) for one in recordings if (target := _target(one))}
    seen: set[str] = set()
    for recording in recordings:
        url = normalised(recording.url, ignore=recording.ignore_query)
        if recording.method != "GET" or url in seen or normalised(recording.url) in led_to:
            continue
        seen.add(url)
        # The last of several answers is the one that a client settled for.
        last = library.find("GET", recording.url)[-1:] or (recording,)
        yield Begun(
            url=recording.url,
            facts=_facts(library, last[0]),
            source=recording.source,
            needs_secret=f"={SCRUBBED}" in recording.url,
        )


def address(url: str) -> str:
    """Host and path of an address: what is left when it is signed anew.

    Args:
        url: The address.
    """
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def _facts(library: Library, recording: Recording) -> Facts:
    hops = [address(recording.url)]
    while (target := _target(recording)) and len(hops) < _MOST_HOPS:
        found = library.find("GET", target)
        hops.append(address(target))
        if not found:
            return Facts(status=recording.status, hops=tuple(hops), why="it led to no recording")
        recording = found[-1]
    headers = {name.lower(): text for name, text in recording.headers}
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    body = b"" if recording.body is None else recording.body.read_bytes()
    return Facts(
        status=recording.status,
        hops=tuple(hops),
        content_type=content_type,
        etag=headers.get("etag", ""),
        last_modified=headers.get("last-modified", ""),
        # What was taken out of a text had another length than what stands in its place.
        size=None if SCRUBBED.encode() in body else recording.whole or recording.cut or len(body),
        columns=columns_of(recording.url, content_type, body[:HEAD], body[-TAIL:]),
    )


def _target(recording: Recording) -> str:
    if recording.status not in REDIRECTS:
        return ""
    for name, text in recording.headers:
        if name.lower() == "location":
            return urljoin(recording.url, text)
    return ""
