"""Which recordings answer a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.replay.urls import masked, nearest, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.replay.recording import Recording


EVERY_KEY = ("*",)


class Library:
    """All recordings, ready to be asked; it never changes.

    Args:
        recordings: The recordings, in the order in which they are to play.
    """

    def __init__(self, recordings: Iterable[Recording]) -> None:
        self._recordings = tuple(recordings)
        # Keyed without the query: the keys to ignore differ from recording to recording.
        self._found: dict[tuple[str, str], list[tuple[Recording, str]]] = {}
        for recording in self._recordings:
            key = (recording.method, normalised(recording.url, ignore=EVERY_KEY))
            wanted = normalised(recording.url, ignore=recording.ignore_query)
            self._found.setdefault(key, []).append((recording, wanted))

    def find(self, method: str, url: str) -> tuple[Recording, ...]:
        """The recordings that answer a request, in the order in which they play.

        A HEAD that was not recorded is answered by the recordings of the GET.

        Args:
            method: The request's method.
            url: The absolute URL that is asked for.
        """
        bare = normalised(url, ignore=EVERY_KEY)
        found = tuple(
            recording
            for recording, wanted in self._found.get((method.upper(), bare), ())
            if normalised(url, ignore=recording.ignore_query) == wanted
        )
        return self.find("GET", url) if not found and method.upper() == "HEAD" else found

    def match(self, method: str, url: str, *, position: int = 0) -> Recording | None:
        """The recording that answers a request, or None.

        Args:
            method: The request's method.
            url: The absolute URL that is asked for.
            position: How many times the same was asked before; the last recording repeats.
        """
        found = self.find(method, url)
        return found[min(position, len(found) - 1)] if found else None

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
