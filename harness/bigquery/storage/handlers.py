"""Calls of gRPC: each is answered or refused in BigQuery's words, and written to the log."""

from __future__ import annotations

import time
import traceback
from typing import TYPE_CHECKING, Any

import grpc

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.storage.messages import PACKAGE, message
from harness.bigquery.storage.notes import SERVICE, Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.bigquery.faults import Faults
    from harness.bigquery.log import CallLog
    from harness.bigquery.storage.calls import StorageCalls

_OK, _GONE, _CUT = 200, 499, 0
_METHODS = ("CreateReadSession", "ReadRows", "SplitReadStream")


class Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Finds what answers a call; what is not the Storage Read API is refused by name.

    Args:
        calls: The calls.
        log: The stub's log.
        faults: The errors that tests inject.
    """

    def __init__(self, calls: StorageCalls, log: CallLog, faults: Faults) -> None:
        self._calls = calls
        self._log = log
        self._faults = faults

    def service(self, handler_call_details: Any) -> Any:
        """What answers a call of gRPC."""
        service, _, method = str(handler_call_details.method)[1:].rpartition("/")
        if service != f"{PACKAGE}.{SERVICE}" or method not in _METHODS:
            return grpc.stream_stream_rpc_method_handler(
                lambda _, context: self._refuse_unknown(service, method, context)
            )
        read = message(f"{method}Request").FromString
        if method == "ReadRows":
            return grpc.unary_stream_rpc_method_handler(self._read, request_deserializer=read)
        do = self._calls.create if method == "CreateReadSession" else self._calls.split
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self._answer(method, request, context, do),
            request_deserializer=read,
        )

    def _answer(self, method: str, request: Any, context: Any, do: Callable[[Any], bytes]) -> bytes:
        subject = request.read_session.table if method == "CreateReadSession" else request.name
        note = self._note(method, str(subject))
        try:
            self._meet(note, context)
            answer = do(request)
        except Exception as failure:  # noqa: BLE001
            self._refuse(note, context, failure)
        note.sent = len(answer)
        self._end(note, context)
        return answer

    def _read(self, request: Any, context: Any) -> Iterator[bytes]:
        note = self._note("ReadRows", str(request.read_stream))
        try:
            self._meet(note, context)
            for answer in self._calls.read(request, active=context.is_active):
                note.sent += len(answer)
                yield answer
                if note.is_cut:
                    break
        except GeneratorExit:
            # gRPC drops what answers a client that has left.
            self._log.add(note.record(_GONE))
            raise
        except Exception as failure:  # noqa: BLE001
            self._refuse(note, context, failure)
        self._end(note, context)

    def _note(self, method: str, subject: str) -> Note:
        return Note(method=method, subject=subject, table=self._calls.table_of(subject))

    def _meet(self, note: Note, context: Any) -> None:
        """Have a call meet the fault that a test has for it."""
        fault = note.fault = self._faults.meet(note.operation, note.path, note.body)
        if fault is None:
            return
        until = time.monotonic() + fault.delay
        while time.monotonic() < until and context.is_active():
            time.sleep(min(0.05, max(until - time.monotonic(), 0)))
        if fault.cut == "before":
            self._cut(note, context)
        if fault.refuses:
            raise fault.error()

    def _cut(self, note: Note, context: Any) -> None:
        """What a client of gRPC sees of a connection that is gone."""
        self._log.add(note.record(_CUT))
        context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")

    def _end(self, note: Note, context: Any) -> None:
        if note.is_cut:
            self._cut(note, context)
        self._log.add(note.record(_OK if context.is_active() else _GONE))

    def _refuse(self, note: Note, context: Any, failure: Exception) -> None:
        """Answer by an error; what gRPC's own refusal raises goes on."""
        if type(failure) is Exception:  # context.abort has said all
            raise failure
        if not isinstance(failure, ApiError):
            where = traceback.extract_tb(failure.__traceback__)[-1]
            failure = ApiError(
                "notImplemented",
                f"The BigQuery stub itself failed: {type(failure).__name__}: {failure} "
                f"({where.name}, line {where.lineno})",
            )
        self._log.add(note.record(failure.code, failure))
        context.abort(*_status(failure))

    def _refuse_unknown(self, service: str, method: str, context: Any) -> Iterator[bytes]:
        error = ApiError(
            "notImplemented", f"Not supported by the BigQuery stub: {service}.{method}"
        )
        note = Note(method=method, service=service.rpartition(".")[2])
        self._log.add(note.record(error.code, error))
        context.abort(*_status(error))
        yield b""


def _status(error: ApiError) -> tuple[Any, str]:
    """The status of gRPC and the text, as the service words it."""
    if isinstance(error, UnsupportedError):
        return grpc.StatusCode.UNIMPLEMENTED, error.message
    status = grpc.StatusCode[error.body()["error"]["status"]]
    invalid = status is grpc.StatusCode.INVALID_ARGUMENT
    return status, f"request failed: {error.message}" if invalid else error.message
