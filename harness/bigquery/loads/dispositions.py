"""Where a job writes and how: the destination, its dispositions and schema update options."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.bigquery.errors import ApiError
from harness.bigquery.partitions.partitions import split_decorator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.entries import TableRef
    from harness.bigquery.partitions.partitions import Partitioning

_WRITES = ("WRITE_APPEND", "WRITE_TRUNCATE", "WRITE_TRUNCATE_DATA", "WRITE_EMPTY")
_CREATES = ("CREATE_IF_NEEDED", "CREATE_NEVER")
_UPDATES = ("ALLOW_FIELD_ADDITION", "ALLOW_FIELD_RELAXATION")


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a job writes, and how.

    Attributes:
        ref: The table, without a decorator.
        partition: The partition id of a decorator, or an empty string.
        create: Whether a missing table is made.
        write: ``WRITE_APPEND``, ``WRITE_TRUNCATE``, ``WRITE_TRUNCATE_DATA`` or ``WRITE_EMPTY``.
        partitioning: As the job gives it, or None.
        clustering: Likewise.
        require_filter: Whether queries on a table that is made must filter by its partitions.
        updates: Schema updates that the job allows.
        kept: Labels and description of a table that is made.
    """

    ref: TableRef
    partition: str = ""
    create: bool = True
    write: str = "WRITE_APPEND"
    partitioning: Partitioning | None = None
    clustering: tuple[str, ...] = ()
    require_filter: bool = False
    updates: tuple[str, ...] = ()
    kept: Mapping[str, object] | None = None


def destination_of(name: str, ref: TableRef) -> tuple[TableRef, str]:
    """Split the decorator off a table's name."""
    table, partition = split_decorator(name)
    return replace(ref, table=table), partition


def checked_write(value: str | None, *, default: str) -> str:
    """A write disposition.

    Raises:
        ApiError: There is none of that name.
    """
    write = value or default
    if write not in _WRITES:
        raise ApiError("invalid", f"Invalid value for writeDisposition: {write}")
    return write


def checked_create(value: str | None) -> bool:
    """Whether a missing table is made, by a create disposition.

    Raises:
        ApiError: There is none of that name.
    """
    create = value or "CREATE_IF_NEEDED"
    if create not in _CREATES:
        raise ApiError("invalid", f"Invalid value for createDisposition: {create}")
    return create == "CREATE_IF_NEEDED"


def checked_updates(values: Sequence[str] | None, *, write: str, partition: str) -> tuple[str, ...]:
    """Schema update options, where they are allowed by "JobConfigurationLoad" of the reference.

    Raises:
        ApiError: There is none of that name, or it is not allowed beside the write disposition.
    """
    updates = tuple(values or ())
    for update in updates:
        if update not in _UPDATES:
            raise ApiError("invalid", f"Invalid value for schemaUpdateOptions: {update}")
    if updates and (write == "WRITE_EMPTY" or (write == "WRITE_TRUNCATE" and not partition)):
        raise ApiError(
            "invalid",
            "Schema update options should only be specified with WRITE_APPEND disposition, or "
            "with WRITE_TRUNCATE disposition on a table partition.",
        )
    return updates
