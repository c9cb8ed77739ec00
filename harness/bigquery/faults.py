"""Errors that a test has the stub answer with, and which of them were met."""

from __future__ import annotations

import fnmatch
import threading
from dataclasses import dataclass, replace

from harness.bigquery.errors import ApiError

# "Error messages" in the reference: what has failed once the job was made.
_OF_JOBS = {
    "backendError": "jobBackendError",
    "internalError": "jobInternalError",
    "rateLimitExceeded": "jobRateLimitExceeded",
}
_MESSAGES = {
    "backendError": "Error encountered during execution. Retrying may solve the problem.",
    "internalError": "An internal error occurred and the request could not be completed.",
    "rateLimitExceeded": "Exceeded rate limits: too many api requests per user per method for this "
    "user_method. For more information, see https://cloud.google.com/bigquery/docs/troubleshoot-quotas",
    "quotaExceeded": "Quota exceeded: Your project exceeded quota for free query bytes scanned.",
    "accessDenied": "Access Denied: User does not have permission to do this.",
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """An error that is answered in the place of what was asked.

    Attributes:
        operation: BigQuery's name, such as ``tables.get``; ``*`` stands for anything.
        reason: BigQuery's reason, such as ``backendError``; a Python error is raised for one that
            there is none of.
        status: The HTTP status, where it is not that of the reason: 429 or 503.
        message: What the error says.
        containing: A text that the call's path or body must contain.
        times: How many calls meet it.
        polls: For ``jobs.insert`` and ``jobs.query``: the job is accepted, is RUNNING for so many
            looks at it, and fails then without having done anything. None answers the call itself.
        consumed: How many calls have met it.
    """

    operation: str
    reason: str = "backendError"
    status: int | None = None
    message: str = ""
    containing: str = ""
    times: int = 1
    polls: int | None = None
    consumed: int = 0

    def error(self) -> ApiError:
        """The error as it is answered; that of a job has the reason that jobs have for it."""
        message = self.message or _MESSAGES.get(self.reason, f"Injected error: {self.reason}")
        if self.polls is not None:
            return ApiError(_OF_JOBS.get(self.reason, self.reason), message)
        return ApiError(self.reason, message, status=self.status)


class Faults:
    """The faults of a stub; safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Add a fault; where several fit a call, the oldest is met first.

        Raises:
            ValueError: It has a reason that BigQuery has not, is never met, or waits for polls of
                what is no job.
        """
        try:
            _ = fault.error().code
        except KeyError as error:
            raise ValueError(f"BigQuery has no reason {fault.reason!r}") from error
        if fault.times < 1 or (fault.polls is not None and fault.polls < 0):
            raise ValueError("times must be at least 1, polls at least 0")
        if fault.polls is not None and not fault.operation.startswith("jobs."):
            raise ValueError(f"only a job has polls, and {fault.operation} makes none")
        with self._lock:
            self._faults.append(replace(fault, consumed=0))

    def meet(self, operation: str, path: str, body: bytes) -> Fault | None:
        """The fault that a call meets, or None; it is counted."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if (
                    fault.consumed < fault.times
                    and fnmatch.fnmatchcase(operation, fault.operation)
                    and (fault.polls is None or operation in ("jobs.insert", "jobs.query"))
                    and (fault.containing in path or fault.containing.encode() in body)
                ):
                    self._faults[place] = replace(fault, consumed=fault.consumed + 1)
                    return fault
        return None

    def account(self) -> tuple[Fault, ...]:
        """All faults in order, each with how often it was met."""
        with self._lock:
            return tuple(self._faults)

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._faults.clear()
