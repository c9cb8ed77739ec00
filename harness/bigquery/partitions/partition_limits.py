"""How many partitions a job may change and a table may have, by "Quotas and limits"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.database import Database
    from harness.bigquery.entries import Table
    from harness.bigquery.partitions.partitions import Partition

PER_JOB = 4_000
PER_TABLE = 10_000


def check_staged(
    database: Database, table: Table, staged: str, *, known: Sequence[Partition]
) -> None:
    """Refuse staged rows that are of more partitions than one job may write.

    Args:
        database: Holds the rows.
        table: Where they are to go.
        staged: The DuckDB table that they are in.
        known: The partitions that the table keeps.

    Raises:
        ApiError: They are too many.
    """
    if table.partitioning is None or table.partitioning.by_ingestion:
        return
    with database.cursor() as cursor:
        written = table.partitioning.counts(cursor, staged)
    there = {part.id for part in known}
    _check(len(written), len(there | set(written)), table)


def check_changed(table: Table, after: Mapping[str, int]) -> None:
    """Refuse a change of rows that touched more partitions than one job may.

    Args:
        table: The table as it was before.
        after: Rows by partition once the change is made.

    Raises:
        ApiError: They are too many.
    """
    before = {part.id: part.rows for part in table.partitions}
    changed = sum(before.get(name, 0) != after.get(name, 0) for name in {*before, *after})
    _check(changed, len(after), table)


def _check(written: int, total: int, table: Table) -> None:
    if written > PER_JOB:
        raise ApiError(
            "invalidQuery",
            f"Too many partitions produced by query, allowed {PER_JOB}, query produces at least "
            f"{written} partitions",
        )
    if total > PER_TABLE:
        raise ApiError(
            "quotaExceeded",
            "Quota exceeded: Your table exceeded quota for Number of partitions per table: "
            f"{table.ref} would have {total}, allowed {PER_TABLE}",
        )
