"""Parts of bodies that REST writes in two ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.bigquery.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping


def whole(body: Mapping[str, Any], name: str) -> int | None:
    """A whole number of at least 0 in a body, written as a number or as a text; None without it.

    Raises:
        ApiError: It is not one.
    """
    value = body.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not str(value).isdecimal():
        raise ApiError("invalid", f"Invalid value for {name}: {value}", location=name)
    return int(value)
