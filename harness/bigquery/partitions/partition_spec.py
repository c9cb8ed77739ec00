"""How a client says that a table is to be cut, and which columns it may be cut by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError
from harness.bigquery.partitions.partitions import FORMATS, Partitioning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.types import Field

_TYPES = "a table can be partitioned by HOUR, DAY, MONTH or YEAR"
# "Integer range partitions" in the quotas of the reference.
_MOST_RANGES = 10_000
_TIME_TYPES = ("DATE", "TIMESTAMP", "DATETIME")


def partitioning_from_rest(
    resource: Mapping[str, Any], *, fields: Sequence[Field]
) -> Partitioning | None:
    """Read ``timePartitioning`` or ``rangePartitioning`` of a resource or job configuration.

    Args:
        resource: The resource; without either part the answer is None.
        fields: The table's columns, to check the field against.

    Raises:
        ApiError: The specification does not fit the columns or is incomplete.
    """
    time, by_range = resource.get("timePartitioning"), resource.get("rangePartitioning")
    if by_range:
        bounds = by_range.get("range") or {}
        try:
            partitioning = Partitioning(
                type="RANGE",
                field=str(by_range["field"]),
                start=int(bounds["start"]),
                end=int(bounds["end"]),
                interval=int(bounds["interval"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ApiError(
                "invalid", "Range partitioning needs a field, start, end and interval"
            ) from error
    elif time:
        kind = str(time.get("type") or "").upper()
        if kind not in FORMATS:
            raise ApiError("invalid", f"Invalid value for type: {kind} is not a valid value")
        expiration = time.get("expirationMs")
        partitioning = Partitioning(
            type=kind,
            field=time.get("field"),
            expiration=None if expiration is None else str(expiration),
        )
    else:
        return None
    return with_field(partitioning, fields=fields)


def with_field(partitioning: Partitioning, *, fields: Sequence[Field]) -> Partitioning:
    """The same, once its field is known to be a column that may be partitioned by.

    Raises:
        ApiError: It is not.
    """
    if partitioning.type == "RANGE":
        _check_range(partitioning)
    elif partitioning.type not in FORMATS:
        raise ApiError("invalid", f"Invalid value for type: {partitioning.type}: {_TYPES}")
    if partitioning.by_ingestion:
        return partitioning
    name = partitioning.column
    field = next((field for field in fields if field.name.lower() == name.lower()), None)
    if field is None:
        raise ApiError(
            "invalid",
            f"The field specified for partitioning cannot be found in the schema: {name}",
        )
    allowed = ("INT64",) if partitioning.type == "RANGE" else _TIME_TYPES
    if field.type not in allowed or field.repeated:
        raise ApiError(
            "invalid",
            "The field specified for partitioning can only be of type "
            f"{' or '.join(allowed)}. The type found is: {field.sql_type}.",
        )
    if field.type == "DATE" and partitioning.type == "HOUR":
        raise ApiError("invalid", "Hourly partitioning is not supported on a DATE column")
    return partitioning


def _check_range(partitioning: Partitioning) -> None:
    if partitioning.interval <= 0 or partitioning.end <= partitioning.start:
        raise ApiError("invalid", "Range partitioning needs start < end and interval > 0")
    count = -(-(partitioning.end - partitioning.start) // partitioning.interval)
    if count > _MOST_RANGES:
        raise ApiError(
            "invalid",
            f"Range partitioning has too many possible partitions: {count}, allowed {_MOST_RANGES}",
        )
