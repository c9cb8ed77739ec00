"""What is known of one call of the Storage Read API, for the log and for faults."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.bigquery.log import CallRecord

if TYPE_CHECKING:
    from harness.bigquery.entries import TableRef
    from harness.bigquery.errors import ApiError
    from harness.bigquery.faults import Fault

SERVICE = "BigQueryRead"


@dataclass(kw_only=True)
class Note:
    """A call that is under way.

    Attributes:
        method: Its name, such as ``ReadRows``.
        service: The service's name without the package.
        subject: The table or stream that it names.
        table: The table concerned, where it is known.
        fault: The fault that it has met, or None.
        sent: Bytes of the answers.
        began: When it came.
    """

    method: str
    service: str = SERVICE
    subject: str = ""
    table: TableRef | None = None
    fault: Fault | None = None
    sent: int = 0
    began: float = field(default_factory=time.perf_counter)

    @property
    def operation(self) -> str:
        """Its name in the log and for faults, such as ``BigQueryRead.ReadRows``."""
        return f"{self.service}.{self.method}"

    @property
    def path(self) -> str:
        """Its subject as a path."""
        return f"/{self.subject}"

    @property
    def body(self) -> bytes:
        """What a fault that is about a table looks for."""
        return f"{self.table.dataset}.{self.table.table}".encode() if self.table else b""

    @property
    def is_cut(self) -> bool:
        """Whether its connection is to end when something was done."""
        return self.fault is not None and self.fault.cut == "after"

    def record(self, status: int, error: ApiError | None = None) -> CallRecord:
        """The record of the call.

        Args:
            status: The HTTP status that stands for its own.
            error: Why it was refused, or None.
        """
        return CallRecord(
            at=time.time(),
            method="POST",
            operation=self.operation,
            path=self.path,
            status=status,
            project=self.table.project if self.table else "",
            dataset=self.table.dataset if self.table else "",
            table=self.table.table if self.table else "",
            reason=error.reason if error else "",
            message=error.message if error else "",
            sent=self.sent,
            seconds=time.perf_counter() - self.began,
            injected=self.fault is not None,
        )
