"""The stub's HTTP server: uvicorn in a thread of this process."""

from __future__ import annotations

import asyncio
import atexit
import gzip
import socket
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from harness.bigquery.catalog import Catalog
from harness.bigquery.faults import Faults
from harness.bigquery.log import CallLog, CallRecord
from harness.machine.ports import HOST, taken

if TYPE_CHECKING:
    from harness.bigquery.api import Api, Reply
    from harness.bigquery.snapshots import Snapshot, Snapshots

_STOP_SECONDS = 5.0
_THREADS = 16
_NO_CONTENT = 204


@dataclass
class _Running:
    """What a started server consists of."""

    api: Api
    application: _Application
    server: Any
    thread: threading.Thread
    port: int
    snapshots: Snapshots


class BigQueryServer:
    """A BigQuery of one's own.

    Args:
        gcs_endpoint: URL of the GCS emulator for ``gs://`` URIs; may be set before ``start``.
        host: The name or address that clients know it by.
        bind: The address of this machine to listen on; ``host`` if not given.
        port: A fixed port, or None for a free one.
        location: Of datasets that are made without one.
    """

    def __init__(
        self,
        *,
        gcs_endpoint: str | None = None,
        host: str = HOST,
        bind: str | None = None,
        port: int | None = None,
        location: str = "US",
    ) -> None:
        self.host = host
        self._bind = bind or host
        self.gcs_endpoint = gcs_endpoint
        self.location = location
        self.log = CallLog()
        self.faults = Faults()
        self._wanted_port = port
        self._running: _Running | None = None

    @property
    def url(self) -> str:
        """Where it listens; empty before the start.

        The form is what ``BIGQUERY_EMULATORHOST`` wants.
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
            EnvironmentNotAbleError: The fixed port is taken.
        """
        if self._running is not None:
            return
        listener = _listen(self._bind, self._wanted_port)
        # Loaded here, so that who only imports the package does not wait for them.
        import uvicorn  # noqa: PLC0415

        from harness.bigquery.api import Api  # noqa: PLC0415
        from harness.bigquery.database import Database  # noqa: PLC0415
        from harness.bigquery.jobs import JobStore  # noqa: PLC0415
        from harness.bigquery.snapshots import Snapshots  # noqa: PLC0415
        from harness.bigquery.streaming import Streamed  # noqa: PLC0415
        from harness.bigquery.uploads import Uploads  # noqa: PLC0415

        catalog = Catalog(Database(), location=self.location)
        api = Api(
            catalog=catalog,
            jobs=JobStore(catalog, gcs_endpoint=self.gcs_endpoint),
            uploads=Uploads(),
            streamed=Streamed(),
        )
        application = _Application(api, self.log, self.faults)
        config = uvicorn.Config(
            application,
            access_log=False,
            http="h11",
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=2,
            ws="none",
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="bigquery-stub", daemon=True
        )
        port = int(listener.getsockname()[1])
        thread.start()
        self._running = _Running(
            api=api,
            application=application,
            server=server,
            thread=thread,
            port=port,
            snapshots=Snapshots(catalog, api.jobs),
        )
        # A process that forgets to stop still leaves no uploaded file behind.
        atexit.register(self.stop)

    def stop(self) -> None:
        """Stop and forget everything; safe to call twice."""
        running, self._running = self._running, None
        if running is None:
            return
        atexit.unregister(self.stop)
        running.server.should_exit = True
        running.thread.join(_STOP_SECONDS)
        running.application.close()
        running.api.uploads.clear()
        running.api.catalog.database.close()

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
        self._up().api.streamed.clear()
        self._up().snapshots.restore(snapshot)

    def _up(self) -> _Running:
        if self._running is None:
            raise RuntimeError("the BigQuery stub is not started")
        return self._running

    def reset(self) -> None:
        """Forget all datasets, jobs and calls; the address stays."""
        self.log.clear()
        self.faults.clear()
        if self._running is not None:
            self._running.api.uploads.clear()
            self._running.api.streamed.clear()
            self._running.api.jobs.clear()
            self._running.api.catalog.clear()


def _listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens already, so that no other can take the port in between."""
    # asyncio turns Nagle's delay off (40 ms a call) only for a socket that says it is TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port or 0))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if port is None:
            raise
        raise taken(service="bigquery", number=port, refusal=error) from error
    return listener


class _Application:
    """The ASGI application: reads a call, has it done in a thread, writes the answer."""

    def __init__(self, api: Api, log: CallLog, faults: Faults) -> None:
        self._api = api
        self._faults = faults
        self._log = log
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bigquery-stub")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Two messages in, two out: a framework would double the time to start.
        if scope["type"] != "http":
            return
        pieces = []
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            pieces.append(message.get("body", b""))
            more = message.get("more_body", False)
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, self._answer, scope, b"".join(pieces))
        headers = {
            "content-type": "application/json; charset=UTF-8",
            "content-length": str(len(answer.body)),
            **answer.headers,
        }
        if answer.status == _NO_CONTENT:
            headers = dict(answer.headers)
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        await send({"type": "http.response.body", "body": answer.body})

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _answer(self, scope: Any, body: bytes) -> Reply:
        from harness.bigquery.api import Call, Reply, reply  # noqa: PLC0415
        from harness.bigquery.errors import ApiError  # noqa: PLC0415
        from harness.bigquery.routes import find  # noqa: PLC0415

        method = str(scope["method"])
        path = scope["raw_path"].decode("ascii", "replace").partition("?")[0]
        headers = {
            name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]
        }
        found = find(method, path)
        error: ApiError | None = None
        operation = ""
        try:
            if found is None:
                raise ApiError(  # noqa: TRY301
                    "notImplemented",
                    f"Not supported by the BigQuery stub: {method} {path}",
                )
            operation, parts, do = found
            call = Call(
                method=method,
                url=f"http://{headers.get('host', HOST)}{path}",
                path={name: unquote(part) for name, part in parts.items()},
                query=dict(parse_qsl(scope["query_string"].decode("ascii", "replace"))),
                headers=headers,
                body=_plain(headers.get("content-encoding"), body),
                fault=self._faults.meet(operation, path, body),
            )
            if call.fault is not None and call.fault.polls is None:
                raise call.fault.error()  # noqa: TRY301
            answer = do(self._api, call)
        except ApiError as refused:
            error = refused
        except Exception as failure:  # noqa: BLE001
            where = traceback.extract_tb(failure.__traceback__)[-1]
            error = ApiError(
                "notImplemented",
                f"The BigQuery stub itself failed: {type(failure).__name__}: {failure} "
                f"({where.name}, line {where.lineno})",
            )
        if error is not None:
            answer = Reply(body=reply(error.body()).body, status=error.code)
        self._record(method, path, operation, answer, error, body)
        return answer

    def _record(
        self,
        method: str,
        path: str,
        operation: str,
        answer: Reply,
        error: Any,
        body: bytes,
    ) -> None:
        job = answer.job
        error = error or answer.error or (job.error if job else None)
        self._log.add(
            CallRecord(
                at=time.time(),
                method=method,
                operation=operation,
                path=path,
                status=answer.status,
                job_id=job.id if job else "",
                statement=job.statement if job else _statement_of(operation, body),
                destination=job.destination if job else "",
                reason=error.reason if error else "",
                message=error.message if error else "",
            )
        )


def _plain(encoding: str | None, body: bytes) -> bytes:
    from harness.bigquery.errors import ApiError  # noqa: PLC0415

    if encoding != "gzip":
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError) as error:
        raise ApiError("invalid", "The body is not valid gzip") from error


def _statement_of(operation: str, body: bytes) -> str:
    """The SQL of a request that was refused before it became a job."""
    from harness.bigquery.api import json_object  # noqa: PLC0415
    from harness.bigquery.errors import ApiError  # noqa: PLC0415

    if operation not in ("jobs.insert", "jobs.query"):
        return ""
    try:
        content = json_object(body)
    except (ApiError, UnicodeDecodeError):
        return ""
    configuration = content.get("configuration")
    query = configuration.get("query") if isinstance(configuration, dict) else content.get("query")
    if isinstance(query, dict):
        query = query.get("query")
    return query if isinstance(query, str) else ""
