"""Labels of datasets, tables and jobs, by "Requirements for labels" of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 64
_LONGEST = 63
_SIGNS = "_-"
ANYWHERE = {"mage-harness-location": "any"}
"""The label of a dataset that the harness makes: where it is in production, nobody has said."""


def is_anywhere(resource: Mapping[str, object]) -> bool:
    """Whether a dataset is found by the jobs of every location.

    Args:
        resource: The dataset.
    """
    labels = resource.get("labels")
    return isinstance(labels, dict) and labels.items() >= ANYWHERE.items()


def check_labels(resource: Mapping[str, Any]) -> None:
    """Refuse the labels of a resource that BigQuery would not take.

    Raises:
        ApiError: There are too many, or one has a character that is not allowed.
    """
    labels = resource.get("labels")
    if not isinstance(labels, dict):
        return
    if len(labels) > _MOST:
        raise ApiError("invalid", f"Too many labels: {len(labels)}; at most {_MOST} are allowed.")
    for key, value in labels.items():
        if not key or not (key[0].isalpha() and _fits(key)):
            raise ApiError("invalid", f'Label key "{key}" has invalid characters.')
        # A label that is to be removed has no value.
        if value is not None and not _fits(str(value)):
            raise ApiError("invalid", f'Label value "{value}" has invalid characters.')


def _fits(text: str) -> bool:
    """International letters are allowed, capitals are not."""
    lower = text == text.lower()
    return len(text) <= _LONGEST and lower and all(one.isalnum() or one in _SIGNS for one in text)
