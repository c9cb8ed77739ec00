"""Decimals of files: which of NUMERIC, BIGNUMERIC and STRING they become.

Source: "decimalTargetTypes" of JobConfigurationLoad in the REST reference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.loads.load_bad import READING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.bigquery.types import Field

# NUMERIC's digits before and after the point, by "Data types" of the reference.
_WHOLE, _FRACTION = 29, 9


def refuse_long_within(kind: Any) -> None:
    """Within STRUCT and ARRAY a decimal must be a NUMERIC.

    Args:
        kind: DuckDB's type of a column.

    Raises:
        UnsupportedError: There is one that is none.
    """
    if kind.id not in ("list", "struct"):
        return
    for name, child in kind.children:
        refuse_long_within(child)
        if child.id == "decimal" and not _is_numeric(child):
            raise UnsupportedError(f"{child} in {name}")


def decimal_field(
    field: Field, kind: Any, targets: Sequence[str], *, wanted: Field | None, long: bool
) -> Field:
    """The column that a decimal becomes: the first of the targets that holds it.

    Args:
        field: The column by its type in DuckDB.
        kind: That type.
        targets: What a decimal may become.
        wanted: The column of the job's schema, or None.
        long: Whether it is a decimal of more digits than DuckDB knows, here as text.

    Raises:
        ApiError: None of the targets holds it.
    """
    if not long and kind.id != "decimal":
        return field
    if wanted is not None and wanted.type == "BIGNUMERIC":
        return replace(field, type="BIGNUMERIC")
    if not long and "NUMERIC" in targets and _is_numeric(kind):
        return field
    for target in ("BIGNUMERIC", "STRING"):
        if target in targets:
            return replace(field, type=target)
    shown = "DECIMAL of more than 38 digits" if long else kind
    raise ApiError(
        "invalid",
        f"{READING} Column {field.name} of type {shown} does not fit any of the decimal target "
        f"types {', '.join(targets)}.",
    )


def _is_numeric(kind: Any) -> bool:
    digits, scale = (int(size) for _, size in kind.children)
    return scale <= _FRACTION and digits - scale <= _WHOLE
