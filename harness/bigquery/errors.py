"""Errors in BigQuery's own shapes.

The reasons and their HTTP codes follow BigQuery's "Error messages" reference; the google client
turns the code into NotFound, Conflict, BadRequest and so on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_REASONS = {
    "aborted": (409, "ABORTED"),
    "accessDenied": (403, "PERMISSION_DENIED"),
    "backendError": (503, "UNAVAILABLE"),
    "bytesBilledLimitExceeded": (400, "INVALID_ARGUMENT"),
    "conditionNotMet": (412, "FAILED_PRECONDITION"),
    "duplicate": (409, "ALREADY_EXISTS"),
    "httpMethodNotAllowed": (405, "UNIMPLEMENTED"),
    "internalError": (500, "INTERNAL"),
    "invalid": (400, "INVALID_ARGUMENT"),
    "invalidParameter": (400, "INVALID_ARGUMENT"),
    "invalidQuery": (400, "INVALID_ARGUMENT"),
    "jobBackendError": (400, "INVALID_ARGUMENT"),
    "jobInternalError": (400, "INVALID_ARGUMENT"),
    "jobRateLimitExceeded": (400, "INVALID_ARGUMENT"),
    "notFound": (404, "NOT_FOUND"),
    "notImplemented": (501, "UNIMPLEMENTED"),
    "parseError": (400, "INVALID_ARGUMENT"),
    "quotaExceeded": (403, "RESOURCE_EXHAUSTED"),
    "rateLimitExceeded": (403, "PERMISSION_DENIED"),
    "required": (400, "INVALID_ARGUMENT"),
    "resourceInUse": (400, "FAILED_PRECONDITION"),
    "resourcesExceeded": (400, "INVALID_ARGUMENT"),
    "responseTooLarge": (403, "PERMISSION_DENIED"),
    "stopped": (499, "CANCELLED"),
}
# Where a status is not that of the reason.
_STATUSES = {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}


class ApiError(Exception):
    """A refusal as BigQuery words it.

    Args:
        reason: BigQuery's reason, such as ``notFound``.
        message: BigQuery's text.
        location: The parameter or place concerned, where BigQuery names one.
        status: The HTTP status, where it is not that of the reason.
        details: What stands after it in a job's ``status.errors``: one ErrorProto a bad row.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        location: str = "",
        status: int | None = None,
        details: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.location = location
        self.status = status
        self.details = tuple(details)

    @property
    def code(self) -> int:
        """The HTTP status."""
        return self.status or _REASONS[self.reason][0]

    def proto(self) -> dict[str, Any]:
        """The ErrorProto of a job's ``status.errorResult``."""
        proto = {"reason": self.reason, "message": self.message}
        if self.location:
            proto["location"] = self.location
        return proto

    def body(self) -> dict[str, Any]:
        """The body of a refused HTTP request."""
        item = {**self.proto(), "domain": "global"}
        if self.location:
            item["locationType"] = "parameter"
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "errors": [item],
                "status": _STATUSES.get(self.code, _REASONS[self.reason][1]),
            }
        }


class UnsupportedError(ApiError):
    """The real service could do it, the stub cannot do it right, so it does not try.

    Args:
        what: The function, clause or option, by its name.
        position: Line and column in the statement, counted from 1.
    """

    def __init__(self, what: str, *, position: tuple[int, int] | None = None) -> None:
        at = f" at [{position[0]}:{position[1]}]" if position else ""
        super().__init__("invalidQuery", f"Not supported by the BigQuery stub: {what}{at}")


def not_found_table(name: str, *, location: str = "") -> ApiError:
    """A table that is not there; jobs name the location that they looked in."""
    tail = f" was not found in location {location}" if location else ""
    return ApiError("notFound", f"Not found: Table {name}{tail}")


def not_found_dataset(name: str, *, location: str = "") -> ApiError:
    """A dataset that is not there; jobs name the location that they looked in."""
    tail = f" was not found in location {location}" if location else ""
    return ApiError("notFound", f"Not found: Dataset {name}{tail}")
