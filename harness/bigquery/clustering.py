"""What a table is clustered by. Source: "Clustered tables" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.bigquery.types import Field

# "Clustered tables" in the reference: up to four columns, of these types.
_MAX_CLUSTERS = 4
_CLUSTERABLE = (
    "BIGNUMERIC",
    "BOOL",
    "DATE",
    "DATETIME",
    "INT64",
    "NUMERIC",
    "STRING",
    "TIMESTAMP",
)


def clustering_of(resource: Mapping[str, Any], fields: Sequence[Field]) -> tuple[str, ...]:
    """The columns that a resource clusters by.

    Raises:
        ApiError: There are too many, or one is not there or of a type that cannot be.
    """
    names = tuple((resource.get("clustering") or {}).get("fields") or ())
    if len(names) > _MAX_CLUSTERS:
        raise ApiError(
            "invalid", f"Too many clustering fields: {len(names)}; at most {_MAX_CLUSTERS}"
        )
    known = {field.name.lower(): field for field in fields}
    for name in names:
        if "." in str(name):
            raise UnsupportedError(f"clustering by a part of a STRUCT: {name}")
        field = known.get(str(name).lower())
        if field is None:
            raise ApiError(
                "invalid",
                "The field specified for clustering cannot be found in the schema. "
                f"Invalid field: {name}.",
            )
        if field.type not in _CLUSTERABLE or field.repeated:
            raise ApiError(
                "invalid",
                f"Field {name} has type {field.sql_type}, which is not supported for clustering",
            )
    return names
