"""Whole bodies for those who ask for parts: each is fetched once, and goes to disk as it comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.replay.answer import Stretch
    from harness.replay.capture import Capture

OF_RANGES = ("range", "if-range")
"""The headers of a request that ask for a part."""

# All others may be new with each request: numbers of it, moments, signatures.
_CHOOSING = ("accept", "accept-encoding", "accept-language")

Key = tuple[str, tuple[str | None, ...]]


class Wholes:
    """The bodies that were fetched whole for a part of them, and those that are on their way.

    Args:
        match_headers: Further request headers that choose which body is answered.
    """

    def __init__(self, match_headers: Iterable[str] = ()) -> None:
        self._choosing = (*_CHOOSING, *(name.lower() for name in match_headers))
        self._known: dict[Key, Capture] = {}
        self._coming: dict[Key, asyncio.Event] = {}

    def key(self, url: str, headers: Mapping[str, str]) -> Key:
        """What two requests for parts of one body have in common.

        Args:
            url: The URL.
            headers: The headers, by name in lower case.
        """
        return url, tuple(headers.get(name) for name in self._choosing)

    async def settled(self, key: Key) -> None:
        """Wait while a body is on its way.

        Args:
            key: See ``key``.
        """
        while key in self._coming:
            await self._coming[key].wait()

    def begin(self, key: Key) -> None:
        """Let others wait for a body."""
        # Two may begin where a third has failed them both: who waits, waits for either.
        self._coming.setdefault(key, asyncio.Event())

    def end(self, key: Key, capture: Capture | None) -> None:
        """Let others go on.

        Args:
            key: See ``key``.
            capture: The body, or None where it could not be had.
        """
        if capture is not None:
            self._known[key] = capture
        coming = self._coming.pop(key, None)
        if coming is not None:
            coming.set()

    def find(self, key: Key) -> Capture | None:
        """What was fetched, or None.

        Args:
            key: See ``key``.
        """
        return self._known.get(key)


class Keeper:
    """Writes a body to its file as it comes, and passes it on, or a part of it.

    The last byte of a part waits for the end of the whole: a client that had it all would go, and
    mitmproxy would end the connection to the origin with it.

    Args:
        stream: The file, open.
        part: The part to pass on; None for all.
    """

    def __init__(self, stream: BinaryIO, part: Stretch | None = None) -> None:
        self._stream = stream
        self._part = part
        self._at = 0
        self._held = b""
        self._trouble: OSError | None = None

    def __call__(self, data: bytes) -> list[bytes]:
        """What is passed on of the next bytes; the end is told with none.

        Args:
            data: The bytes.
        """
        self._write(data)
        if self._part is None:
            # An end that is passed on would be a second end of a chunked body.
            return [data] if data else []
        first = max(self._part.start - self._at, 0)
        last = max(self._part.start + self._part.size - self._at, 0)
        self._at += len(data)
        wanted = self._held + data[first:last]
        whole = not data
        given, self._held = (wanted, b"") if whole else (wanted[:-1], wanted[-1:])
        return [given] if given else []

    def close(self) -> None:
        """Close the file.

        Raises:
            OSError: It has not all of the body, for want of room or otherwise.
        """
        self._stream.close()
        if self._trouble is not None:
            raise self._trouble

    def _write(self, data: bytes) -> None:
        if self._trouble is not None:
            return
        try:
            self._stream.write(data)
        except OSError as error:
            # The client is to have its answer all the same.
            self._trouble = error
