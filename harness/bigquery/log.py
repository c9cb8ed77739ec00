"""The log of calls and queries, from which expectations and incidents are read."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

# Whichever comes first; the oldest are forgotten then.
_MOST = 100_000
_MOST_BYTES = 64 << 20
_MOST_IDS = 1000
# What a record takes beside its texts.
_RECORD_BYTES = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRecord:
    """One call of a client.

    Attributes:
        at: When it was answered, in seconds since the epoch.
        method: The HTTP method.
        operation: BigQuery's name, such as ``jobs.insert``; empty for an unknown path.
        path: The URL's path.
        status: The HTTP status that was sent; 0 where the connection was cut.
        project: The project in the path.
        dataset: The dataset in the path, or the one that its job writes.
        table: The table likewise; a decorator stays with it.
        job_id: The job concerned, or an empty string.
        statement: The SQL of a query job, or an empty string.
        destination: ``dataset.table`` that a job writes, or an empty string.
        reason: BigQuery's reason if the call or its job failed, else an empty string.
        message: What the error said.
        received: Bytes of the request's body.
        sent: Bytes of the answer's body.
        seconds: From the whole request to the answer.
        injected: Whether a fault of the test answered, delayed or cut it.
    """

    at: float
    method: str
    operation: str
    path: str
    status: int
    project: str = ""
    dataset: str = ""
    table: str = ""
    job_id: str = ""
    statement: str = ""
    destination: str = ""
    reason: str = ""
    message: str = ""
    received: int = 0
    sent: int = 0
    seconds: float = 0.0
    injected: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryRecord:
    """One query job, or a statement that was refused before it became one.

    Attributes:
        at: When it ended, in seconds since the epoch.
        statement: The SQL.
        type: BigQuery's statement type, such as ``SELECT`` or ``MERGE``; empty if it was refused.
        tables: Tables that it read, ``dataset.table``; of another project than the job's with
            that in front.
        destination: ``dataset.table`` that it wrote, or an empty string.
        bytes_processed: Bytes of the columns and partitions that it read.
        bytes_billed: The same in whole MiB, and at least 10 of them a table.
        rows: Rows of its answer, or None where it has none.
        affected: Rows that DML has changed, or None.
        dry: Whether it was a dry run.
        job_id: The job, or an empty string.
        reason: BigQuery's reason if it failed, else an empty string.
        message: What the error said.
    """

    at: float
    statement: str
    type: str = ""
    tables: tuple[str, ...] = ()
    destination: str = ""
    bytes_processed: int = 0
    bytes_billed: int = 0
    rows: int | None = None
    affected: int | None = None
    dry: bool = False
    job_id: str = ""
    reason: str = ""
    message: str = ""


class _Record(Protocol):
    """What both records have."""

    @property
    def at(self) -> float: ...
    @property
    def statement(self) -> str: ...
    @property
    def message(self) -> str: ...


_R = TypeVar("_R", bound=_Record)


class _Newest(Generic[_R]):
    """The newest records, as many as are allowed in number and in size."""

    def __init__(self) -> None:
        self._records: deque[_R] = deque()
        self._bytes = 0

    def add(self, record: _R) -> None:
        self._records.append(record)
        self._bytes += _size(record)
        while len(self._records) > _MOST or (self._bytes > _MOST_BYTES and len(self._records) > 1):
            self._bytes -= _size(self._records.popleft())

    def chosen(self, wanted: Callable[[_R], bool]) -> tuple[_R, ...]:
        return tuple(record for record in self._records if wanted(record))


def _size(record: _Record) -> int:
    return _RECORD_BYTES + len(record.statement) + len(record.message)


class CallLog:
    """All calls and queries in order; safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def add(self, record: CallRecord, query: QueryRecord | None = None) -> None:
        """Append a call, and the query that it made; a query that is known already is not new."""
        with self._lock:
            self._calls.add(record)
            if query is not None and query.job_id not in self._known:
                self._queries.add(query)
                self._remember(query.job_id)

    def records(self, *, since: float = 0.0) -> tuple[CallRecord, ...]:
        """The calls from ``since`` (seconds since the epoch) on, in order of time."""
        with self._lock:
            return self._calls.chosen(lambda record: record.at >= since)

    def queries(self, *, since: float = 0.0) -> tuple[QueryRecord, ...]:
        """The queries from ``since`` (seconds since the epoch) on, in order of time."""
        with self._lock:
            return self._queries.chosen(lambda record: record.at >= since)

    def clear(self) -> None:
        """Forget all records."""
        with self._lock:
            self._calls: _Newest[CallRecord] = _Newest()
            self._queries: _Newest[QueryRecord] = _Newest()
            self._known: dict[str, None] = {}

    def _remember(self, job_id: str) -> None:
        # A request that is sent again is answered by the same job.
        if job_id:
            self._known[job_id] = None
            if len(self._known) > _MOST_IDS:
                del self._known[next(iter(self._known))]
