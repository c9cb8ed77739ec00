"""A BigQuery of one's own: started, emptied and stopped."""

from __future__ import annotations

import atexit
import threading
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from harness.bigquery.faults import Faults
from harness.bigquery.log import CallLog
from harness.bigquery.serving import listen, serve
from harness.bigquery.sqlglot_sources import check_imported
from harness.clock.clock import Clock
from harness.machine.forks import without_handlers_of_grpc
from harness.machine.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.bigquery.catalog import Catalog
    from harness.bigquery.database import Database
    from harness.bigquery.serving import Running
    from harness.bigquery.snapshots import Snapshot

_STOP_SECONDS = 5.0
# How long calls under way may take at the end before they are interrupted, and how often they are:
# one that catches it, or does several statements, goes on.
_GRACE_SECONDS, _AGAIN_SECONDS = 2, 0.1


class BigQueryServer:
    """A BigQuery of one's own.

    Args:
        gcs_endpoint: URL of the GCS emulator for ``gs://`` URIs; may be set before ``start``.
        host: The name or address that clients know it by.
        bind: The address of this machine to listen on; ``host`` if not given.
        port: A fixed port, or None for a free one.
        location: Of datasets that are made without one.
        clock: The time that it gives; the real one if not given.
    """

    def __init__(
        self,
        *,
        gcs_endpoint: str | None = None,
        host: str = HOST,
        bind: str | None = None,
        port: int | None = None,
        location: str = "US",
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.host = host
        self._bind = bind or host
        self.gcs_endpoint = gcs_endpoint
        self.location = location
        self.log = CallLog()
        self.faults = Faults()
        self._wanted_port = port
        self._running: Running | None = None

    @property
    def url(self) -> str:
        """Where it listens; empty before the start.

        The form is what ``BIGQUERY_EMULATOR_HOST`` wants.
        """
        return f"http://{self.host}:{self._running.port}" if self._running else ""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; the port is 0 before the start."""
        return self.host, self._running.port if self._running else 0

    @property
    def catalog(self) -> Catalog:
        """Datasets and tables.

        Raises:
            RuntimeError: It is not started.
        """
        return self._up().api.catalog

    def start(self) -> None:
        """Listen; the first call is answered as soon as this returns.

        Raises:
            EnvironmentNotAbleError: The fixed port is taken, or sqlglot is there compiled.
            InputError: The address is one of IPv6.
        """
        if self._running is not None:
            return
        check_imported()
        without_handlers_of_grpc()
        listener = listen(self._bind, self._wanted_port)
        with ExitStack() as undone:
            # A start that fails does not leave the port taken.
            undone.callback(listener.close)
            self._running = serve(
                listener,
                clock=self.clock,
                location=self.location,
                gcs_endpoint=self.gcs_endpoint,
                log=self.log,
                faults=self.faults,
                grace=_GRACE_SECONDS,
            )
            undone.pop_all()
        try:
            # Calls that need no rows are answered meanwhile, others wait.
            self._running.api.catalog.database.connected()
        except BaseException:
            self.stop()
            raise
        # A process that forgets to stop still leaves no uploaded file behind.
        atexit.register(self.stop)

    def get_ready(self) -> None:
        """Load the parser, and start the Storage Read API, before the first client asks for them.

        It takes 0.3 s and 30 MB, and may be called in a thread.
        """
        from harness.bigquery.sql import parse, query  # noqa: F401, PLC0415

        running = self._running
        # Meanwhile it may have been stopped.
        with suppress(RuntimeError):
            if running is not None:
                running.storage.port()

    def stop(self) -> None:
        """Stop and forget everything; safe to call twice."""
        running, self._running = self._running, None
        if running is None:
            return
        atexit.unregister(self.stop)
        database = running.api.catalog.database
        with _interrupted(database):
            running.storage.stop()
            running.server.should_exit = True
            running.thread.join(_STOP_SECONDS)
            running.application.close(_STOP_SECONDS)
        running.api.uploads.clear()
        database.close()

    def snapshot(self) -> Snapshot:
        """Keep all datasets, tables, rows and jobs as they are.

        Raises:
            RuntimeError: It is not started.
        """
        return self._up().snapshots.take()

    def restore(self, snapshot: Snapshot) -> None:
        """Bring back what a snapshot of this server holds; the log of calls goes on.

        Raises:
            RuntimeError: It is not started.
        """
        self._up().storage.clear()
        self._up().api.streamed.clear()
        self._up().snapshots.restore(snapshot)

    def _up(self) -> Running:
        if self._running is None:
            raise RuntimeError("the BigQuery stub is not started")
        return self._running

    def reset(self) -> None:
        """Forget all datasets, jobs and calls; the address stays."""
        self.log.clear()
        self.faults.clear()
        if self._running is not None:
            self._running.storage.clear()
            self._running.api.uploads.clear()
            self._running.api.streamed.clear()
            self._running.api.jobs.clear()
            self._running.api.catalog.clear()


@contextmanager
def _interrupted(database: Database) -> Iterator[None]:
    """While it is open, what DuckDB does is interrupted when it takes too long."""
    ended = threading.Event()

    def interrupt() -> None:
        seconds: float = _GRACE_SECONDS
        while not ended.wait(seconds):
            database.interrupt()
            seconds = _AGAIN_SECONDS

    thread = threading.Thread(target=interrupt, name="bigquery-stub-interrupt", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        # At the end of the interpreter no thread begins, and those of the calls have ended.
        yield
        return
    try:
        yield
    finally:
        ended.set()
        thread.join()
