"""The parts of a JobConfiguration that say how, not what: refused where nobody would heed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.bodies import whole
from harness.bigquery.errors import ApiError, UnsupportedError
from harness.bigquery.labels import check_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

_PRIORITIES = ("INTERACTIVE", "BATCH")
_REFUSED = ("userDefinedFunctionResources", "createSession")
# "ConnectionProperty" of the reference: the project of names without one.
DATASET_PROJECT = "dataset_project_id"
# The other is for a reader of logs only.
_HEEDED = (DATASET_PROJECT, "query_label")


def with_options(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with what is filled in and with the forms that the service keeps.

    Raises:
        ApiError: An option has no such value, or is one that the stub does not heed.
    """
    check_labels(configuration)
    whole(configuration, "jobTimeoutMs")
    query = configuration.get("query")
    if not isinstance(query, dict):
        return dict(configuration)
    for option in _REFUSED:
        if query.get(option):
            raise UnsupportedError(option)
    keys = [one.get("key") for one in query.get("connectionProperties") or ()]
    for one in query.get("connectionProperties") or ():
        if keys.count(one.get("key")) > 1:
            raise ApiError("invalid", f"Duplicate connection property: {one.get('key')}")
        if one.get("key") not in _HEEDED:
            raise UnsupportedError(f"connectionProperties {one.get('key')}")
    limit = query.get("maximumBytesBilled")
    if limit is not None and not str(limit).removeprefix("-").isdecimal():
        raise ApiError("invalid", f"Invalid value for maximumBytesBilled: {limit}")
    priority = str(query.get("priority") or "INTERACTIVE")
    if priority not in _PRIORITIES:
        raise ApiError("invalid", f"Invalid value for priority: {priority}")
    filled: dict[str, Any] = {**query, "priority": priority}
    if query.get("queryParameters"):
        filled["queryParameters"] = [_texts(one) for one in query["queryParameters"]]
    return {**configuration, "query": filled}


def _texts(part: Any, name: str = "") -> Any:
    """A QueryParameter whose values are texts: that is what a number becomes in the service."""
    if isinstance(part, dict):
        return {key: _texts(value, key) for key, value in part.items()}
    if isinstance(part, list):
        return [_texts(one) for one in part]
    if name == "value" and isinstance(part, bool):
        return str(part).lower()
    return str(part) if name == "value" and isinstance(part, int | float) else part
