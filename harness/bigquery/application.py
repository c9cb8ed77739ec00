"""The ASGI application: a call is read, done in a thread, answered and written to the log."""

from __future__ import annotations

import asyncio
import gzip
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from harness.bigquery.log import CallLog, CallRecord
from harness.machine.ports import HOST

if TYPE_CHECKING:
    from harness.bigquery.api import Api, Reply
    from harness.bigquery.faults import Faults

_THREADS = 16
_NO_CONTENT = 204


class Application:
    """The ASGI application: reads a call, has it done in a thread, writes the answer."""

    def __init__(self, api: Api, log: CallLog, faults: Faults) -> None:
        self._api = api
        self._faults = faults
        self._log = log
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bigquery-stub")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one call."""
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
