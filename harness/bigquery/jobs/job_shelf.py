"""All jobs by name: the newest at hand, the others packed, so that thousands weigh little.

A job is some hundred Python objects, which the garbage collector looks through again and again;
packed it is less than a kilobyte of bytes.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.bigquery.jobs.job import Job

Name: TypeAlias = tuple[str, str]
"""Project and id."""

_AT_HAND = 200


class JobShelf(MutableMapping[Name, "Job | None"]):
    """A dictionary of jobs in the order in which they were made; None where one is being done."""

    def __init__(self) -> None:
        self._order: dict[Name, bytes | None] = {}
        self._at_hand: OrderedDict[Name, Job | None] = OrderedDict()

    def __getitem__(self, name: Name) -> Job | None:
        if name in self._at_hand:
            return self._at_hand[name]
        packed = self._order[name]
        job: Job | None = None if packed is None else pickle.loads(packed)  # noqa: S301
        return job

    def __setitem__(self, name: Name, job: Job | None) -> None:
        self._order.setdefault(name)
        self._at_hand[name] = job
        self._at_hand.move_to_end(name)
        while len(self._at_hand) > _AT_HAND:
            oldest, put_away = self._at_hand.popitem(last=False)
            # Only what this process has packed itself is ever unpacked.
            self._order[oldest] = _packed(put_away)

    def __delitem__(self, name: Name) -> None:
        del self._order[name]
        self._at_hand.pop(name, None)

    def __iter__(self) -> Iterator[Name]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)

    def clear(self) -> None:
        """Forget all jobs."""
        self._order.clear()
        self._at_hand.clear()


class _Pickler(pickle.Pickler):
    """Packs an error by what it says: Python's way would call it with its message alone."""

    def reducer_override(self, thing: object) -> Any:
        if isinstance(thing, ApiError):
            return _error, (
                thing.reason,
                thing.message,
                thing.location,
                thing.status,
                thing.details,
            )
        return NotImplemented


def _packed(job: Job | None) -> bytes:
    file = io.BytesIO()
    _Pickler(file, pickle.HIGHEST_PROTOCOL).dump(job)
    return file.getvalue()


def _error(
    reason: str,
    message: str,
    location: str,
    status: int | None,
    details: tuple[dict[str, str], ...],
) -> ApiError:
    return ApiError(reason, message, location=location, status=status, details=details)
