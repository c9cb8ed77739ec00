"""What the stub was asked, as its log of calls has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.services.bigquery_incidents import incidents
from harness.services.heard import Heard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery import CallRecord

LENGTH = 2_000
"""Characters of a statement that are kept."""
# Clients ask again and again until a job is done.
_ASKING = {"jobs.get", "jobs.getQueryResults"}


def heard(records: Sequence[CallRecord], *, service: str) -> list[Heard]:
    """Each call that is no mere question whether a job is done.

    Args:
        records: The calls, the oldest first.
        service: The service's name.
    """
    failed = {one.at for one in incidents(records, service=service)}
    return [
        Heard(
            at=one.at,
            service=service,
            verb=one.operation or one.method,
            what=(one.statement or one.destination or one.path)[:LENGTH],
            answer=_answer(one),
            failed=bool(one.reason) and one.at in failed,
        )
        for one in records
        if one.reason or one.operation not in _ASKING
    ]


def _answer(one: CallRecord) -> str:
    said = f"{one.status or 'cut'} in {one.seconds:.3f} s"
    return f"{said}, {one.reason}: {one.message}" if one.reason else said
