"""What a ``requestId`` has made: a call that is sent again is done once.

"QueryRequest" of the REST reference: requests with the same id are idempotent, also while the first
of them still runs.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.bigquery.jobs.job import Job

Request: TypeAlias = tuple[str, str]
"""Project and ``requestId``."""

# BigQuery knows a request again for 15 minutes; here the newest are enough.
_KEPT = 1_000


class Requests:
    """The requests that are known; safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # The id of the job, once it is done; empty where the request was refused.
        self._made: OrderedDict[Request, Future[str]] = OrderedDict()

    def once(
        self, request: Request, *, make: Callable[[], Job], find: Callable[[str], Job | None]
    ) -> Job:
        """The job of a request: the first call makes it, the others wait for it.

        Args:
            request: The request.
            make: Makes the job; what it raises is told to the first call only.
            find: The job of an id, or None where it is gone: it is made anew then.
        """
        while True:
            mine: Future[str] = Future()
            with self._lock:
                made = self._made.setdefault(request, mine)
                if len(self._made) > _KEPT:
                    self._made.popitem(last=False)
            if made is mine:
                return self._make(request, mine, make)
            name = made.result()
            job = find(name) if name else None
            if job is not None:
                return job
            self._forget(request, made)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._made.clear()

    def _make(self, request: Request, mine: Future[str], make: Callable[[], Job]) -> Job:
        try:
            job = make()
        except BaseException:
            self._forget(request, mine)
            mine.set_result("")
            raise
        mine.set_result(job.id)
        return job

    def _forget(self, request: Request, made: Future[str]) -> None:
        with self._lock:
            if self._made.get(request) is made:
                del self._made[request]
