"""Which recordings answer a request."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from harness.replay.urls import masked, nearest, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.replay.recording import Recording

_NONE: Mapping[str, str] = MappingProxyType({})


class Library:
    """All recordings, ready to be asked; it never changes.

    Args:
        recordings: The recordings, in the order in which they are to play.
    """

    def __init__(self, recordings: Iterable[Recording]) -> None:
        self._recordings = tuple(recordings)
        # By what does not count, since that differs from recording to recording.
        self._numbers: dict[tuple[str, ...], dict[tuple[str, str], list[int]]] = {}
        for number, recording in enumerate(self._recordings):
            rule = recording.ignore_query
            key = (recording.method, normalised(recording.url, ignore=rule))
            self._numbers.setdefault(rule, {}).setdefault(key, []).append(number)

    def find(
        self, method: str, url: str, *, headers: Mapping[str, str] = _NONE, body: bytes = b""
    ) -> tuple[Recording, ...]:
        """The recordings that answer a request, in the order in which they play.

        A HEAD that was not recorded is answered by the recordings of the GET.

        Args:
            method: The request's method.
            url: The absolute URL that is asked for.
            headers: Its headers, by name in lower case.
            body: Its body.

        Raises:
            OSError: A recorded request's body cannot be read.
        """
        found = tuple(
            recording
            for recording in self.alike(method, url)
            if recording.request.met(headers, body)
        )
        if not found and method.upper() == "HEAD":
            return self.find("GET", url, headers=headers)
        return found

    def alike(self, method: str, url: str) -> tuple[Recording, ...]:
        """The recordings of a method and URL, whatever else they ask of a request.

        Args:
            method: The request's method.
            url: The absolute URL that is asked for.
        """
        numbers = sorted(
            number
            for rule, known in self._numbers.items()
            for number in known.get((method.upper(), normalised(url, ignore=rule)), ())
        )
        return tuple(self._recordings[number] for number in numbers)

    def nearest(self, url: str, *, also: Iterable[str] = (), count: int = 3) -> tuple[str, ...]:
        """The recorded URLs most like one that has no recording, fit to be shown.

        Args:
            url: The URL that was asked for.
            also: Other URLs that would have been answered.
            count: How many at most.
        """
        # Compared without the keys that do not count: a signature is longer than a path.
        shown = {
            normalised(recording.url, ignore=recording.ignore_query): masked(recording.url)
            for recording in self._recordings
        }
        shown.update((normalised(other), masked(other)) for other in also)
        return tuple(shown[best] for best in nearest(url, shown, count=count))
