"""The three calls of the Storage Read API, apart from gRPC."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.storage.jobs import is_of_job, job_stream
from harness.bigquery.storage.make import make, named_table
from harness.bigquery.storage.messages import message
from harness.bigquery.storage.rows import answers, split
from harness.clock.current import using

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.entries import TableRef
    from harness.bigquery.jobs.jobs import JobStore
    from harness.bigquery.storage.session import ReadSession, Stream
    from harness.bigquery.storage.sessions import ReadSessions


class StorageCalls:
    """Answers requests by bytes that are ready for the wire.

    Args:
        sessions: The sessions.
        catalog: Datasets and tables.
        jobs: Jobs, whose answers have streams of their own.

    Attributes:
        sessions: The sessions.
        stopping: Set when the stub stops; who still reads is refused.
    """

    def __init__(self, sessions: ReadSessions, catalog: Catalog, jobs: JobStore) -> None:
        self.sessions = sessions
        self.stopping = threading.Event()
        self._catalog = catalog
        self._jobs = jobs

    def table_of(self, subject: str) -> TableRef | None:
        """The table that a call is about, or None.

        Args:
            subject: The name of a table or of a stream.
        """
        return named_table(subject) or self.sessions.table_of(subject)

    def create(self, request: Any) -> bytes:
        """CreateReadSession.

        Raises:
            ApiError: BigQuery would refuse it, or the stub does.
        """
        with using(self._catalog.database.clock):
            session, size = make(self._catalog, self.sessions, request)
        answer = message("ReadSession")()
        answer.CopyFrom(request.read_session)
        answer.name = session.name
        answer.expire_time.seconds = int(session.expires)
        answer.arrow_schema.serialized_schema = session.schema.serialize().to_pybytes()
        for name in session.streams:
            answer.streams.add(name=name)
        answer.estimated_total_bytes_scanned = size
        answer.estimated_row_count = session.table.rows
        serialised: bytes = answer.SerializeToString()
        return serialised

    def split(self, request: Any) -> bytes:
        """SplitReadStream.

        Raises:
            ApiError: There is no such stream, or the fraction is none.
        """
        session, stream = self.sessions.find(request.name)
        serialised: bytes = split(session, stream, request.fraction).SerializeToString()
        return serialised

    def read(self, request: Any, *, active: Callable[[], bool]) -> Iterator[bytes]:
        """ReadRows.

        Args:
            request: The request.
            active: Tells whether the client still listens.

        Raises:
            ApiError: There is no such stream, it is over, or the stub stops.
        """
        name = request.read_stream
        if not is_of_job(name):
            yield from self._answers(self.sessions.find(name), request, active)
            return
        with job_stream(self._catalog, self._jobs, self.sessions, name) as found:
            if found is not None:
                yield from self._answers(found, request, active)

    def _answers(
        self, found: tuple[ReadSession, Stream], request: Any, active: Callable[[], bool]
    ) -> Iterator[bytes]:
        for answer in answers(self.sessions, *found, request, active=active):
            if self.stopping.is_set():
                # Of a status that clients do not try again by themselves.
                raise ApiError("stopped", "The BigQuery stub is stopped")
            yield answer
