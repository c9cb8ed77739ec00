"""The log of calls, from which expectations and incidents are read."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

# About 100 MB at worst; the oldest are forgotten first.
_KEPT = 100_000


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """One call of a client.

    Attributes:
        at: When it was answered, in seconds since the epoch.
        method: The HTTP method.
        operation: BigQuery's name, such as ``jobs.insert``; empty for an unknown path.
        path: The URL's path.
        status: The HTTP status that was sent.
        job_id: The job concerned, or an empty string.
        statement: The SQL of a query job, or an empty string.
        destination: ``dataset.table`` that a job writes, or an empty string.
        reason: BigQuery's reason if the call or its job failed, else an empty string.
        message: What the error said.
    """

    at: float
    method: str
    operation: str
    path: str
    status: int
    job_id: str = ""
    statement: str = ""
    destination: str = ""
    reason: str = ""
    message: str = ""


class CallLog:
    """All calls in order; safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: deque[CallRecord] = deque(maxlen=_KEPT)

    def add(self, record: CallRecord) -> None:
        """Append a record."""
        with self._lock:
            self._records.append(record)

    def records(self, *, since: float = 0.0) -> tuple[CallRecord, ...]:
        """The records from ``since`` (seconds since the epoch) on, in order of time."""
        with self._lock:
            return tuple(record for record in self._records if record.at >= since)

    def clear(self) -> None:
        """Forget all records."""
        with self._lock:
            self._records.clear()
