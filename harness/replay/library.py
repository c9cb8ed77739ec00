"""Which recordings answer a request."""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from harness.replay.urls import masked, nearest, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.replay.demand import Demand, Kind, Mark
    from harness.replay.recording import Recording

_NONE: Mapping[str, str] = MappingProxyType({})


class _Alike:
    """The recordings of one method and URL, found by what they ask of a request.

    Attributes:
        numbers: For each recording's number, what it asks.
    """

    def __init__(self) -> None:
        self.numbers: dict[int, Demand] = {}

    def met(self, headers: Mapping[str, str], body: bytes) -> list[int]:
        """The numbers of those that a request answers to."""
        return [
            number
            for kind, marks in self._marks.items()
            for number in marks.get(kind.mark(headers, body), ())
        ]

    @cached_property
    def _marks(self) -> dict[Kind, dict[Mark, list[int]]]:
        """The numbers by what counts, and its values; read at the first request only."""
        found: dict[Kind, dict[Mark, list[int]]] = {}
        for number, demand in self.numbers.items():
            found.setdefault(demand.kind, {}).setdefault(demand.mark, []).append(number)
        return found


class Library:
    """All recordings, ready to be asked; it never changes.

    Args:
        recordings: The recordings, in the order in which they are to play.
    """

    def __init__(self, recordings: Iterable[Recording]) -> None:
        self._recordings = tuple(recordings)
        # By what does not count, since that differs from recording to recording.
        self._alike: dict[tuple[str, ...], dict[tuple[str, str], _Alike]] = {}
        for number, recording in enumerate(self._recordings):
            rule = recording.ignore_query
            key = (recording.method, normalised(recording.url, ignore=rule))
            alike = self._alike.setdefault(rule, {}).setdefault(key, _Alike())
            alike.numbers[number] = recording.request

    def find(
        self, method: str, url: str, *, headers: Mapping[str, str] = _NONE, body: bytes = b""
    ) -> tuple[Recording, ...]:
        """The recordings that answer a request, in the order in which they play.

        A HEAD that was not recorded is answered by the recordings of the GET, and what was made up
        only answers what nobody has recorded.

        Args:
            method: The request's method.
            url: The absolute URL that is asked for.
            headers: Its headers, by name in lower case.
            body: Its body.

        Raises:
            OSError: A recorded request's body cannot be read.
        """
        groups = self._groups(method, url)
        numbers = sorted(number for one in groups for number in one.met(headers, body))
        found = tuple(self._recordings[number] for number in numbers)
        # What was made up stands in until somebody records it.
        found = tuple(one for one in found if not one.generated) or found
        if not found and method.upper() == "HEAD":
            return self.find("GET", url, headers=headers)
        return found

    def alike(self, method: str, url: str) -> tuple[Recording, ...]:
        """The recordings of a method and URL, whatever else they ask of a request.

        Args:
            method: The request's method.
            url: The absolute URL that is asked for.
        """
        numbers = sorted(number for one in self._groups(method, url) for number in one.numbers)
        return tuple(self._recordings[number] for number in numbers)

    def _groups(self, method: str, url: str) -> list[_Alike]:
        found = (
            known.get((method.upper(), normalised(url, ignore=rule)))
            for rule, known in self._alike.items()
        )
        return [one for one in found if one is not None]

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
