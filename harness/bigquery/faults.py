"""Errors that a test has the stub answer with, and which of them were met."""

from __future__ import annotations

import fnmatch
import re
import threading
from dataclasses import dataclass, replace
from typing import Literal

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
        reason: BigQuery's reason, such as ``backendError``; empty where the call is only delayed
            or cut.
        status: The HTTP status, where it is not that of the reason: 429 or 503.
        message: What the error says.
        table: ``dataset.table`` that the call must be about: in its path, as a destination or
            source of its job, or named in its statement.
        containing: A text that the call's path or body must contain.
        after: How many calls that fit pass by before the first one meets it.
        times: How many calls meet it.
        polls: For ``jobs.insert`` and ``jobs.query``: the job is accepted, is RUNNING for so many
            looks at it, and fails then without having done anything. None answers the call itself.
        delay: Seconds that the answer is held back.
        cut: ``before``: the connection ends and nothing was done; ``after``: it was done, but the
            answer is lost. The reason is not told then.
        passed: How many calls have passed by.
        consumed: How many calls have met it.
    """

    operation: str
    reason: str = "backendError"
    status: int | None = None
    message: str = ""
    table: str = ""
    containing: str = ""
    after: int = 0
    times: int = 1
    polls: int | None = None
    delay: float = 0.0
    cut: Literal["", "before", "after"] = ""
    passed: int = 0
    consumed: int = 0

    @property
    def refuses(self) -> bool:
        """Whether the call itself is not done."""
        if self.cut:
            return self.cut == "before"
        return bool(self.reason)

    @property
    def met(self) -> bool:
        """Whether as many calls have met it as were to."""
        return self.consumed >= self.times

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
            ValueError: It has a reason that BigQuery has not, is never met, does nothing, or waits
                for polls of what is no job.
        """
        _check(fault)
        with self._lock:
            self._faults.append(replace(fault, consumed=0, passed=0))

    def meet(self, operation: str, path: str, body: bytes) -> Fault | None:
        """The fault that a call meets, or None; it is counted."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if fault.met or not _fits(fault, operation, path, body):
                    continue
                if fault.passed < fault.after:
                    self._faults[place] = replace(fault, passed=fault.passed + 1)
                    continue
                self._faults[place] = replace(fault, consumed=fault.consumed + 1)
                return fault
        return None

    def account(self) -> tuple[Fault, ...]:
        """All faults in order, each with how often it was met."""
        with self._lock:
            return tuple(self._faults)

    def unmet(self) -> tuple[Fault, ...]:
        """The faults that fewer calls have met than were to: a test may expect none."""
        return tuple(fault for fault in self.account() if not fault.met)

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._faults.clear()


def _check(fault: Fault) -> None:
    if fault.reason:
        try:
            _ = fault.error().code
        except KeyError as error:
            raise ValueError(f"BigQuery has no reason {fault.reason!r}") from error
    elif not fault.delay and not fault.cut:
        raise ValueError("a fault without a reason must have a delay or a cut")
    if fault.cut not in ("", "before", "after"):
        raise ValueError(f"cut is 'before' or 'after', not {fault.cut!r}")
    if fault.times < 1 or min(fault.after, fault.delay) < 0:
        raise ValueError("times must be at least 1, after and delay at least 0")
    if fault.table and fault.table.count(".") != 1:
        raise ValueError(f"a table is named dataset.table, not {fault.table!r}")
    if fault.polls is not None:
        _check_polls(fault, fault.polls)


def _check_polls(fault: Fault, polls: int) -> None:
    if polls < 0:
        raise ValueError("polls must be at least 0")
    if not fault.reason or fault.cut:
        raise ValueError("a job that fails after polls needs a reason, and is not cut")
    if not fault.operation.startswith("jobs."):
        raise ValueError(f"only a job has polls, and {fault.operation} makes none")


def _fits(fault: Fault, operation: str, path: str, body: bytes) -> bool:
    return (
        fnmatch.fnmatchcase(operation, fault.operation)
        and (fault.polls is None or operation in ("jobs.insert", "jobs.query"))
        and (fault.containing in path or fault.containing.encode() in body)
        and (not fault.table or _about(fault.table, path, body))
    )


def _about(name: str, path: str, body: bytes) -> bool:
    """Whether a call names a table: in its path, in a reference of its job, or in its statement."""
    dataset, _, table = (re.escape(part) for part in name.partition("."))
    if re.search(rf"/datasets/{dataset}/tables/{table}(?:[/$]|%24|$)", path):
        return True
    text = body.decode("utf-8", "replace")
    datasets = rf'"datasetId"\s*:\s*"{dataset}"'
    tables = rf'"tableId"\s*:\s*"{table}[$"]'
    return bool(
        (re.search(datasets, text) and re.search(tables, text))
        or re.search(rf"(?<!\w){dataset}`?\.`?{table}(?!\w)", text)
    )
