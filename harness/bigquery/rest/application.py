"""The ASGI application: a call is read, done in a thread, answered and written to the log."""

from __future__ import annotations

import asyncio
import gzip
import time
import traceback
import zlib
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from harness.clock.current import using
from harness.machine.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

    from harness.bigquery.faults import Fault, Faults
    from harness.bigquery.log import CallLog
    from harness.bigquery.rest.api import Api, Call, Reply

_THREADS = 16
_NO_CONTENT = 204
# Of the event loop: the end of a connection is told in the next one.
_TURNS = 100


class Application:
    """The ASGI application: reads a call, has it done in a thread, writes the answer."""

    def __init__(self, api: Api, log: CallLog, faults: Faults) -> None:
        self._api = api
        self._faults = faults
        self._log = log
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bigquery-stub")
        self._calls: set[Future[tuple[Reply, Fault | None]]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one call."""
        # Two messages in, two out: a framework would double the time to start.
        if scope["type"] != "http":
            return
        try:
            await self._respond(scope, receive, send)
        finally:
            if "spool" in scope:
                scope["spool"].close()

    async def _respond(self, scope: Any, receive: Any, send: Any) -> None:
        pieces = []
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            pieces.append(message.get("body", b""))
            more = message.get("more_body", False)
        call = self._threads.submit(self._answer, scope, b"".join(pieces))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        answer, fault = await asyncio.wrap_future(call)
        if fault is not None:
            waited = await _waited(receive, fault.delay)
            if fault.cut or not waited:
                await _cut(send)
                return
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

    def close(self, seconds: float) -> None:
        """End the threads; one whose call is not done in that time is left alone."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        left = wait(self._calls, seconds).not_done
        self._threads.shutdown(wait=not left)

    def _answer(self, scope: Any, body: bytes) -> tuple[Reply, Fault | None]:
        """Do what a call asks for, by the stub's clock; see ``_done``."""
        with using(self._api.catalog.database.clock):
            return self._done(scope, body)

    def _done(self, scope: Any, body: bytes) -> tuple[Reply, Fault | None]:
        """Do what a call asks for; the fault is what has still to be done to the answer."""
        from harness.bigquery.errors import ApiError  # noqa: PLC0415
        from harness.bigquery.rest.api import Reply, reply  # noqa: PLC0415
        from harness.bigquery.rest.partial import shape_of  # noqa: PLC0415
        from harness.bigquery.rest.records import call_record, query_record  # noqa: PLC0415
        from harness.bigquery.rest.routes import find  # noqa: PLC0415
        from harness.bigquery.rest.shapes import check_call  # noqa: PLC0415

        began = time.perf_counter()
        method = str(scope["method"])
        path = scope["raw_path"].decode("ascii", "replace").partition("?")[0]
        operation, parts, do = find(method, path)
        parts = {name: unquote(part) for name, part in parts.items()}
        error: ApiError | None = None
        fault: Fault | None = None
        received = len(body)
        try:
            call = _call(scope, path, parts, body)
            body, received = call.body, call.received
            fault = self._faults.meet(operation, path, body)
            if fault is not None and fault.polls is not None:
                call = replace(call, fault=fault)
            elif fault is not None and fault.refuses:
                raise fault.error()  # noqa: TRY301
            check_call(operation, call)
            shape = shape_of(call)
            answer = shape.of(do(self._api, call))
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
        cut = fault is not None and bool(fault.cut)
        record = call_record(
            method,
            path,
            operation,
            parts=parts,
            body=body,
            received=received,
            answer=replace(answer, status=0, body=b"") if cut else answer,
            error=error,
            seconds=time.perf_counter() - began + (fault.delay if fault else 0),
            injected=fault is not None,
        )
        self._log.add(record, query_record(record, answer))
        return answer, fault


def _call(scope: Any, path: str, parts: Mapping[str, str], body: bytes) -> Call:
    from harness.bigquery.rest.api import Call  # noqa: PLC0415

    headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
    return Call(
        method=str(scope["method"]),
        url=f"http://{headers.get('host', HOST)}{path}",
        path=parts,
        query=_query(scope["query_string"].decode("ascii", "replace")),
        headers=headers,
        body=_plain(headers.get("content-encoding"), body),
        spool=scope.get("spool"),
    )


def _query(text: str) -> dict[str, str]:
    """The parameters; the values of one that is repeated are joined by commas."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(text):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


async def _waited(receive: Any, seconds: float) -> bool:
    """Hold an answer back; false where the client has left, or the server ends, before."""
    if not seconds:
        return True
    leaving = asyncio.ensure_future(receive())
    try:
        done, _ = await asyncio.wait([leaving], timeout=seconds)
    except asyncio.CancelledError:
        return False
    finally:
        leaving.cancel()
    return not done


async def _cut(send: Any) -> None:
    """End the connection without a word; ASGI knows no such thing, uvicorn's own cycle does."""
    send.__self__.transport.abort()
    # The cycle must hear of it before it is left, or it answers that the application failed.
    for _ in range(_TURNS):
        if send.__self__.disconnected:
            return
        await asyncio.sleep(0)


def _plain(encoding: str | None, body: bytes) -> bytes:
    from harness.bigquery.errors import ApiError  # noqa: PLC0415

    if encoding != "gzip":
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise ApiError("invalid", "The body is not valid gzip") from error
