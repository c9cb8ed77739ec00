"""Parts of BigQuery's ``TableFieldSchema`` that types of several origins share."""

from __future__ import annotations

from typing import Any

TEXT = {"type": "STRING"}
# https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#decimal_types
_WHOLE = {"NUMERIC": 29, "BIGNUMERIC": 38}
_SCALE = {"NUMERIC": 9, "BIGNUMERIC": 38}


def decimal(precision: int, scale: int, *, least: str = "NUMERIC") -> dict[str, Any]:
    """The decimal type that holds so many digits.

    Args:
        precision: All digits.
        scale: Those after the point.
        least: The narrowest type that may be taken.

    Raises:
        ValueError: None does.
    """
    for name in ("NUMERIC", "BIGNUMERIC"):
        fits = scale <= _SCALE[name] and precision - scale <= _WHOLE[name]
        if fits and least in (name, "NUMERIC"):
            return {"type": name, "precision": str(precision), "scale": str(scale)}
    raise ValueError(f"{precision} digits, {scale} of them after the point, are too many")


def repeated(field: dict[str, Any]) -> dict[str, Any]:
    """A list of what a field holds.

    Raises:
        ValueError: It is a list already: BigQuery knows no lists of lists.
    """
    if field.get("mode") == "REPEATED":
        raise ValueError("an array of arrays is not supported")
    return {**field, "mode": "REPEATED"}
