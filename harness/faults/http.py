"""Trouble at what speaks HTTP: Cloud Storage, BigQuery, S3 and the web."""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from harness.faults.fault import ANSWER, KILLED, REQUEST, RESET, STALL, Call
from harness.gates.gate import CutError
from harness.gates.wire_http import requests_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.faults.fault import Fault
    from harness.gates.gate import Reader
    from harness.gates.wire_http import Request
    from harness.replay.questions import Trouble

    Meet = Callable[[Call], Fault | None]

# By these Google's clients know what may be tried again. Source: "Error messages" of BigQuery's
# reference, "HTTP status and error codes for JSON" of Cloud Storage's.
_REASONS = {
    403: "accessDenied",
    404: "notFound",
    409: "duplicate",
    412: "conditionNotMet",
    429: "rateLimitExceeded",
    500: "internalError",
    502: "badGateway",
    503: "backendError",
}
_CODES_OF_S3 = {
    403: "AccessDenied",
    429: "TooManyRequests",
    500: "InternalError",
    503: "SlowDown",
}


def reader_of(service: str, meet: Meet) -> Reader:
    """A reader for the gate before a service.

    Args:
        service: The service's name.
        meet: Gives the fault that a call meets.
    """

    def ask(request: Request) -> bytes | None:
        if request.method == "GRPC":
            # Pieces of a stream, which are no calls.
            return None
        text = f"{request.method} {request.target}"
        fault = meet(Call(service=service, kind=REQUEST, text=text, body=request.body))
        if fault is None:
            return None
        if fault.what in (RESET, KILLED):
            raise CutError(f"mage-harness: declared fault {fault}")
        if fault.what == STALL:
            time.sleep(fault.seconds)
            return None
        return answer(service, fault.status, method=request.method)

    return requests_of(ask)


def trouble_of(meet: Meet) -> Trouble:
    """What the proxy of recorded HTTP, a process of its own, asks about each request.

    Args:
        meet: Gives the fault that a call meets.
    """

    def trouble(method: str, url: str, size: int) -> dict[str, Any]:
        kind = ANSWER if size else REQUEST
        fault = meet(Call(service="http", kind=kind, text=f"{method} {url}", size=size))
        if fault is None:
            return {}
        return {"status": fault.status, "seconds": fault.seconds, "cut": fault.size}

    return trouble


def answer(service: str, status: int, *, method: str) -> bytes:
    """What is answered in the place of a service, as that service words it.

    Args:
        service: The service's name.
        status: The HTTP status.
        method: The request's method; HEAD gets no body.
    """
    kind, body = ("application/xml", _xml(status)) if service == "s3" else _json(status)
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    head = (
        f"HTTP/1.1 {status} {phrase}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + (b"" if method == "HEAD" else body)


def _json(status: int) -> tuple[str, bytes]:
    message = f"mage-harness: declared fault {status}"
    reason = _REASONS.get(status, "backendError" if status >= 500 else "invalid")  # noqa: PLR2004
    errors = [{"domain": "global", "reason": reason, "message": message}]
    error = {"code": status, "message": message, "errors": errors}
    return "application/json; charset=UTF-8", json.dumps({"error": error}).encode()


def _xml(status: int) -> bytes:
    code = _CODES_OF_S3.get(status, "InternalError")
    message = f"mage-harness: declared fault {status}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    ).encode()
