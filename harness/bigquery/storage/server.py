"""The Storage Read API's gRPC server, started when the first client comes.

It listens on a port of loopback that nobody is told; ``storage.door`` leads clients to it. Without
a client of this kind gRPC is not even imported (50 ms and 25 MB).
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from harness.machine.ports import HOST

if TYPE_CHECKING:
    from harness.bigquery.catalog import Catalog
    from harness.bigquery.faults import Faults
    from harness.bigquery.jobs.jobs import JobStore
    from harness.bigquery.log import CallLog
    from harness.bigquery.storage.calls import StorageCalls

# A thread serves one stream from its beginning to its end, however slowly it is read.
_THREADS = 256
_GRACE_SECONDS = 0.5
_STOP_SECONDS = 5.0
_OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # A client that asks more often than gRPC likes whether the server lives is not sent away.
    ("grpc.http2.min_ping_interval_without_data_ms", 1000),
    ("grpc.keepalive_permit_without_calls", 1),
)


class StorageServer:
    """The Storage Read API of one stub.

    Args:
        catalog: Its datasets and tables.
        jobs: Its jobs.
        log: Its log of calls.
        faults: The errors that tests inject.
    """

    def __init__(self, catalog: Catalog, jobs: JobStore, log: CallLog, faults: Faults) -> None:
        self._catalog = catalog
        self._jobs = jobs
        self._log = log
        self._faults = faults
        self._lock = threading.Lock()
        self._port: int | None = None
        self._server: Any = None
        self._threads: ThreadPoolExecutor | None = None
        self._calls: StorageCalls | None = None
        self._stopped = False

    def port(self) -> int:
        """The port of loopback that it listens on; the first call starts it.

        Raises:
            RuntimeError: It was stopped.
        """
        with self._lock:
            if self._stopped:
                raise RuntimeError("the Storage Read API is stopped")
            if self._port is None:
                self._port = self._start()
            return self._port

    def clear(self) -> None:
        """Forget all sessions; who reads one is told that it is not there."""
        if self._calls is not None:
            self._calls.sessions.clear()

    def stop(self) -> None:
        """Refuse what is being read and end; safe to call twice.

        A call that is not done in ``_STOP_SECONDS`` is left alone.
        """
        with self._lock:
            self._stopped = True
            server, self._server = self._server, None
            threads, self._threads = self._threads, None
            calls, self._calls = self._calls, None
        if server is None or threads is None or calls is None:
            return
        calls.stopping.set()
        server.stop(_GRACE_SECONDS).wait(_STOP_SECONDS)
        calls.sessions.clear()
        ending = threading.Thread(target=threads.shutdown, name="bigquery-storage-end", daemon=True)
        try:
            ending.start()
        except RuntimeError:
            # At the end of the interpreter no thread begins, and those of the calls have ended.
            return
        ending.join(_STOP_SECONDS)

    def _start(self) -> int:
        import grpc  # noqa: PLC0415

        from harness.bigquery.storage.calls import StorageCalls  # noqa: PLC0415
        from harness.bigquery.storage.handlers import Handlers  # noqa: PLC0415
        from harness.bigquery.storage.sessions import ReadSessions  # noqa: PLC0415

        self._calls = StorageCalls(ReadSessions(self._catalog), self._catalog, self._jobs)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bigquery-storage")
        self._server = grpc.server(
            self._threads,
            handlers=[Handlers(self._calls, self._log, self._faults)],
            options=_OPTIONS,
        )
        port = int(self._server.add_insecure_port(f"{HOST}:0"))
        self._server.start()
        return port
