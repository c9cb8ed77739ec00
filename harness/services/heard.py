"""What a service was asked, one by one, for those who look at a run."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One thing that a service was asked.

    Attributes:
        at: Seconds since the epoch.
        service: The service's name.
        what: The statement, URL or object, in the service's words.
        verb: What was to be done with it, such as ``GET`` or ``jobs.insert``; empty for a
            statement, which says it itself.
        answer: What came of it, as far as the service's record says.
        failed: Whether it was refused.
    """

    at: float
    service: str
    what: str
    verb: str = ""
    answer: str = ""
    failed: bool = False


@runtime_checkable
class Recalling(Protocol):
    """A service that keeps a record of what it was asked."""

    def heard(self, since: float) -> Iterable[Heard]:
        """What it was asked, in order of time; without what the harness itself asked.

        Args:
            since: Seconds since the epoch.
        """


def ends_of(heard: Iterable[Heard], *, most: int) -> tuple[Sequence[Heard], int]:
    """The first and the last of many, since trouble stands at the end.

    Args:
        heard: All, in order; gone through once, and never kept whole.
        most: How many to keep.

    Returns:
        What is kept, and how many between them are not.
    """
    coming = iter(heard)
    first = list(islice(coming, most // 2))
    last: deque[Heard] = deque(maxlen=most - len(first))
    after = 0
    for after, one in enumerate(coming, 1):  # noqa: B007 - the count of all
        last.append(one)
    return [*first, *last], after - len(last)
