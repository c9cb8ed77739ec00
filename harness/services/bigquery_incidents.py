"""What went wrong at the stub, as its log of calls has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.services.protocol import Incident

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery import CallRecord

# Look-ups whose refusal is their answer: clients make them to learn whether something is there.
_BENIGN = {
    ("datasets.get", "notFound"),
    ("tables.get", "notFound"),
    # Before its first run dbt asks so what it has made.
    ("tables.list", "notFound"),
    ("datasets.insert", "duplicate"),
    ("tables.insert", "duplicate"),
    # What not_found_ok asks for.
    ("datasets.delete", "notFound"),
    ("tables.delete", "notFound"),
}
# What google-cloud-bigquery raises for just this; BadRequest may be anything.
_RAISED = {"notFound": ("NotFound",), "duplicate": ("Conflict",), "accessDenied": ("Forbidden",)}
_CATALOG_VIEWS = ("__TABLES_SUMMARY__", "INFORMATION_SCHEMA")
_JOBS = ("jobs.insert", "jobs.query")
_DROP = re.compile(r"\s*DROP\s+TABLE\s+[\w`.-]+\s*;?\s*", re.IGNORECASE)


def incidents(records: Sequence[CallRecord], *, service: str) -> list[Incident]:
    """Jobs that failed and calls that were refused, except look-ups that expect it.

    Args:
        records: The calls, the oldest first.
        service: The service's name.
    """
    survived = _survived(records)
    return [
        Incident(
            at=record.at,
            service=service,
            code="bigquery-job-failed",
            message=record.message,
            detail=record.statement or record.destination or f"{record.method} {record.path}",
            raises=_RAISED.get(record.reason, ()),
        )
        for record in records
        if _is_incident(record) and id(record) not in survived
    ]


def _is_incident(record: CallRecord) -> bool:
    if not record.reason or (record.operation, record.reason) in _BENIGN:
        return False
    if record.operation == "jobs.getQueryResults":
        # It repeats the error of a job that was told when the job was made.
        return False
    if record.operation not in _JOBS or record.reason != "notFound":
        return True
    if "Dataset" in record.message:
        return not any(view in record.statement.upper() for view in _CATALOG_VIEWS)
    # Mage's SQL blocks with the policy `replace` begin so, also before the table's first making.
    return not _DROP.fullmatch(record.statement)


def _survived(records: Sequence[CallRecord]) -> set[int]:
    """The calls that met a fault of the test, and that the client sent again with success."""
    done = set()
    survived = set()
    for record in reversed(records):
        call = (record.method, record.path, record.statement, record.destination)
        if not record.reason:
            done.add(call)
        elif record.injected and call in done:
            survived.add(id(record))
    return survived
